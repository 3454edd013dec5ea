// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

namespace asiowire {

/// Whether running one of FFTW's plans asks the allocator for memory.
///
/// FFTW chooses by measuring, and some of its ways take a buffer at every run: a busy machine may
/// make one of them look best.
/// [any-thread]  printed: what fftw_sprint_plan says of it; value: bytes of one of its numbers
/// Source   FFTW 3.3.10: who calls MALLOC to solve (dft/, rdft/), and BUF_ALLOC in kernel/ifftw.h
bool fftw_plan_allocates(std::string_view printed, std::size_t value);

} // namespace asiowire
