// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/volterra_buffer.hpp"
#include "hooks/volterra_kernels.hpp"

namespace asiowire {

/// A half-band lowpass of 4 · half - 1 taps: linear phase, Kaiser window, half its taps zero.
///
/// Its delay is 2 · half - 1 samples of the higher rate.
/// [any-thread]
template <class T> class VolterraHalfband {
public:
    /// Units  attenuation: dB, of what lies as far above a quarter of the rate as the passband's
    /// end
    ///        lies below it
    VolterraHalfband(std::size_t half, double attenuation);

    std::size_t half() const { return half_; }
    const T* taps() const { return taps_.data(); }       ///< every other one: 2 · half, sum ½
    const T* doubled() const { return doubled_.data(); } ///< the same with gain 2

private:
    std::size_t half_;
    VolterraBuffer<T> taps_;
    VolterraBuffer<T> doubled_;
};

/// From one rate to twice as much, one channel.
/// [one thread]  no allocation
template <class T> class VolterraHalfbandUp {
public:
    VolterraHalfbandUp() = default;
    VolterraHalfbandUp(const VolterraHalfband<T>& filter, std::size_t room);
    /// Shapes   x: frames, at most room; out: 2 · frames
    void run(const T* x, std::size_t frames, T* out);
    void clear() { past_.clear(); }
    std::size_t bytes() const { return past_.bytes() + scratch_.bytes(); }

private:
    const VolterraHalfband<T>* filter_ = nullptr;
    VolterraHistory<T> past_;
    VolterraBuffer<T> scratch_;
};

/// From one rate to half as much, one channel.
/// [one thread]  no allocation
template <class T> class VolterraHalfbandDown {
public:
    VolterraHalfbandDown() = default;
    VolterraHalfbandDown(const VolterraHalfband<T>& filter, std::size_t room);
    /// Shapes   x: 2 · frames; out: frames, at most room
    void run(const T* x, std::size_t frames, T* out);
    void clear()
    {
        even_.clear();
        odd_.clear();
    }
    std::size_t bytes() const { return even_.bytes() + odd_.bytes(); }

private:
    const VolterraHalfband<T>* filter_ = nullptr;
    VolterraHistory<T> even_;
    VolterraHistory<T> odd_;
};

} // namespace asiowire
