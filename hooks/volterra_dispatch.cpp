// SPDX-License-Identifier: MIT
#include "hooks/volterra_kernels.hpp"

namespace asiowire {

#ifdef __x86_64__
namespace {

bool has_avx2()
{
    // The compiler's own check knows whether the system saves the wide registers, too.
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

} // namespace
#endif

template <> const VolterraKernels<float>& volterra_kernels()
{
#ifdef __x86_64__
    if (has_avx2()) return volterra_f32_avx2;
#endif
    return volterra_f32_baseline;
}

template <> const VolterraKernels<double>& volterra_kernels()
{
#ifdef __x86_64__
    if (has_avx2()) return volterra_f64_avx2;
#endif
    return volterra_f64_baseline;
}

} // namespace asiowire
