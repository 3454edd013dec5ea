// SPDX-License-Identifier: MIT
#include "hooks/volterra_partitioned.hpp"

#include <algorithm>

namespace asiowire {

template <class T>
VolterraPartitions<T>::VolterraPartitions(const VolterraModel& model, std::size_t block_)
    : block(block_), parts((model.taps + block_ - 1) / block_), terms(model.terms.size()),
      tiles((2 * (block_ + 1) + tile - 1) / tile), fft(2 * block_), spectra(tiles * stride())
{
    VolterraBuffer<T> time(2 * row());
    VolterraBuffer<T> transformed(2 * row());
    // 1 / length, and twice a half, since `separate` doubles both factors.
    const double scale = 0.25 / static_cast<double>(2 * block);
    for (std::size_t t = 0; t < terms; t++) {
        const std::vector<double>& taps = model.terms[t].taps;
        const std::size_t first = std::min(block, taps.size());
        Head& head = heads.emplace_back(VolterraBuffer<T>(first), VolterraBuffer<T>(first));
        for (std::size_t k = 0; k < first; k++)
            head.taps[k] = head.reversed[first - 1 - k] = static_cast<T>(taps[k]);
        for (std::size_t q = 0; q < parts; q++) {
            time.clear();
            for (std::size_t k = q * block; k < std::min((q + 1) * block, taps.size()); k++)
                time[k - q * block] = static_cast<T>(taps[k] * scale);
            transform(time.data(), transformed.data(), spectra.data() + (q * terms + t) * tile,
                      nullptr);
        }
    }
}

template <class T>
void VolterraPartitions<T>::transform(T* signals, T* transformed, T* first, T* second) const
{
    T* re = transformed;
    T* im = transformed + row();
    fft.forward(signals, transformed);
    re[2 * block] = re[0];
    im[2 * block] = im[0];
    volterra_kernels<T>().separate(re, im, 2 * block, first, second, stride(), tiles);
}

template <class T> std::size_t VolterraPartitions<T>::bytes() const
{
    std::size_t sum = spectra.bytes();
    for (const Head& head : heads)
        sum += head.taps.bytes() + head.reversed.bytes();
    return sum;
}

template class VolterraPartitions<float>;
template class VolterraPartitions<double>;

} // namespace asiowire
