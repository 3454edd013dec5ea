// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/mel_tables.hpp"

namespace asiowire {

extern const MelKernel mel_kernel_baseline; ///< vectors of 16 bytes: every processor
#ifdef __x86_64__
extern const MelKernel mel_kernel_avx2;   ///< and FMA
extern const MelKernel mel_kernel_avx512; ///< F, DQ and VL
#endif

} // namespace asiowire
