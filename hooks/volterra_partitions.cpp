// SPDX-License-Identifier: MIT
#include "hooks/volterra_partitioned.hpp"

#include <algorithm>
#include <cstring>

namespace asiowire {

template <class T>
VolterraPartitions<T>::VolterraPartitions(const VolterraModel& model, std::size_t block_)
    : block(block_), parts((model.taps + block_ - 1) / block_), terms(model.terms.size()),
      tiles((2 * (block_ + 1) + tile - 1) / tile), fft(2 * block_), spectra(tiles * stride())
{
    VolterraBuffer<T> time(2 * block);
    VolterraBuffer<T> spectrum(tiles * tile);
    const double scale = 0.5 / static_cast<double>(block);
    for (std::size_t t = 0; t < terms; t++) {
        const std::vector<double>& taps = model.terms[t].taps;
        reach.push_back(taps.size());
        const std::size_t first = std::min(block, taps.size());
        Head& head = heads.emplace_back(VolterraBuffer<T>(first), VolterraBuffer<T>(first));
        for (std::size_t k = 0; k < first; k++)
            head.taps[k] = head.reversed[first - 1 - k] = static_cast<T>(taps[k]);
        for (std::size_t q = 0; q < parts; q++) {
            time.clear();
            for (std::size_t k = q * block; k < std::min((q + 1) * block, taps.size()); k++)
                time[k - q * block] = static_cast<T>(taps[k] * scale);
            fft.forward(time.data(), spectrum.data());
            T* to = spectra.data() + (q * terms + t) * tile;
            for (std::size_t n = 0; n < tiles; n++)
                std::memcpy(to + n * stride(), spectrum.data() + n * tile, volterra_tile_bytes);
        }
    }
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
