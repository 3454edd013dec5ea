// SPDX-License-Identifier: MIT
#include "hooks/volterra_halfband.hpp"

#include <cmath>
#include <cstring>
#include <vector>

namespace asiowire {

template <class T>
VolterraHalfband<T>::VolterraHalfband(std::size_t half, double attenuation)
    : half_(half), taps_(2 * half), doubled_(2 * half)
{
    // Source: Kaiser's rule for the window's shape from the attenuation wanted (above 50 dB).
    const double beta = 0.1102 * (attenuation - 8.7);
    const double centre = 2.0 * static_cast<double>(half) - 1;
    std::vector<double> taps(2 * half);
    double sum = 0;
    for (std::size_t j = 0; j < 2 * half; j++) {
        const double n = 2.0 * static_cast<double>(j) - centre; // odd: never 0
        const double place = n / (centre + 1);
        const double window =
            std::cyl_bessel_i(0, beta * std::sqrt(1 - place * place)) / std::cyl_bessel_i(0, beta);
        taps[j] = std::sin(M_PI * n / 2) / (M_PI * n) * window;
        sum += taps[j];
    }
    for (std::size_t j = 0; j < 2 * half; j++) {
        taps_[j] = static_cast<T>(taps[j] * 0.5 / sum); // with the centre's ½: gain 1 at 0 Hz
        doubled_[j] = 2 * taps_[j];
    }
}

template <class T>
VolterraHalfbandUp<T>::VolterraHalfbandUp(const VolterraHalfband<T>& filter, std::size_t room)
    : filter_(&filter), past_(2 * filter.half() - 1, room), scratch_(room)
{}

template <class T> void VolterraHalfbandUp<T>::run(const T* x, std::size_t frames, T* out)
{
    T* now = past_.append(frames);
    std::memcpy(now, x, frames * sizeof(T));
    std::memset(scratch_.data(), 0, frames * sizeof(T));
    // Symmetric: the taps are their own reverse.
    volterra_kernels<T>().fir_add(now, frames, filter_->doubled(), filter_->doubled(),
                                  2 * filter_->half(), scratch_.data());
    const T* centre = now - (filter_->half() - 1);
    for (std::size_t n = 0; n < frames; n++) {
        out[2 * n] = scratch_[n];
        out[2 * n + 1] = centre[n];
    }
}

template <class T>
VolterraHalfbandDown<T>::VolterraHalfbandDown(const VolterraHalfband<T>& filter, std::size_t room)
    : filter_(&filter), even_(2 * filter.half() - 1, room), odd_(filter.half(), room)
{}

template <class T> void VolterraHalfbandDown<T>::run(const T* x, std::size_t frames, T* out)
{
    T* even = even_.append(frames);
    T* odd = odd_.append(frames);
    for (std::size_t n = 0; n < frames; n++) {
        even[n] = x[2 * n];
        odd[n] = x[2 * n + 1];
    }
    const T* centre = odd - filter_->half();
    for (std::size_t n = 0; n < frames; n++)
        out[n] = T(0.5) * centre[n];
    volterra_kernels<T>().fir_add(even, frames, filter_->taps(), filter_->taps(),
                                  2 * filter_->half(), out);
}

template class VolterraHalfband<float>;
template class VolterraHalfband<double>;
template class VolterraHalfbandUp<float>;
template class VolterraHalfbandUp<double>;
template class VolterraHalfbandDown<float>;
template class VolterraHalfbandDown<double>;

} // namespace asiowire
