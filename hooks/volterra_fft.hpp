// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace asiowire {

/// FFTW's transforms of two real signals of one length at once, and of one back; not normalised.
///
/// Plans are made once per length and process, by measuring unless they are to be had quickly, and
/// are never thrown away.
/// [any-thread]  construction locks and allocates; the transforms do neither, except those of
///               quick plans, which may allocate
/// Shapes   pairs: two rows, stride(length) values apart; spectrum: length / 2 + 1 complex numbers,
///          the real part first; all 64-byte aligned, none the same
/// Source   real and imaginary part of one complex transform: half as dear as two real ones
template <class T> class VolterraFft {
public:
    enum class Planning { measured, quick };

    /// Errors  std::bad_alloc when FFTW has no plan, measured: none that leaves the allocator alone
    ///         (it has one for every even length up to 16384 of factors 2, 3, 5, 7)
    explicit VolterraFft(std::size_t length, Planning planning = Planning::measured);

    /// Values from row to row: a row has room for its first value once more.
    static std::size_t stride(std::size_t length);

    /// The transform of signals[0] + i · signals[1]: real parts in the first row.
    void forward(T* signals, T* transformed) const;
    /// The spectrum is lost.
    void inverse(T* spectrum, T* time) const;

private:
    std::size_t stride_;
    void* forward_;
    void* inverse_;
};

} // namespace asiowire
