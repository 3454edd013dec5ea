// SPDX-License-Identifier: MIT
#include "hooks/mel_kernels.hpp"
#include "hooks/mel_plan.hpp"

namespace asiowire {

const MelKernel& best_kernel()
{
#ifdef __x86_64__
    // The compiler's own check knows whether the system saves the wide registers, too.
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return mel_kernel_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return mel_kernel_avx2;
#endif
    return mel_kernel_baseline;
}

} // namespace asiowire
