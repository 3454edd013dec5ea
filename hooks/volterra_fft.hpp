// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace asiowire {

/// FFTW's transform of real signals of one length and back, not normalised.
///
/// Plans are measured once per length and process and are never thrown away.
/// [any-thread]  construction locks and allocates; the transforms do neither
/// Shapes   time: length values; spectrum: length / 2 + 1 complex numbers, the real part first;
///          both 64-byte aligned and not the same
template <class T> class VolterraFft {
public:
    /// Errors  std::bad_alloc when FFTW has no plan
    explicit VolterraFft(std::size_t length);

    void forward(T* time, T* spectrum) const;
    /// The spectrum is lost.
    void inverse(T* spectrum, T* time) const;

private:
    void* forward_;
    void* inverse_;
};

} // namespace asiowire
