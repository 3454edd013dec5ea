// SPDX-License-Identifier: MIT
#include "hooks/volterra_direct.hpp"

#include <algorithm>
#include <cstring>

namespace asiowire {

template <class T>
VolterraDirectTaps<T>::VolterraDirectTaps(const VolterraModel& model, std::size_t factor)
    : taps(model.taps), horner(model.longest_lag() == 0 && factor == 1),
      order(model.highest_power())
{
    if (horner) {
        by_tap = VolterraBuffer<T>(taps * order);
        reversed = VolterraBuffer<T>(taps * order);
        for (const VolterraTerm& term : model.terms) {
            for (std::size_t k = 0; k < taps; k++) {
                const T tap = static_cast<T>(term.taps[k]);
                by_tap[k * order + term.order - 1] = tap;
                reversed[(term.order - 1) * taps + taps - 1 - k] = tap;
            }
        }
        return;
    }
    for (const VolterraTerm& term : model.terms) {
        const std::size_t n = term.taps.size();
        Term& made = terms.emplace_back(VolterraBuffer<T>(n), VolterraBuffer<T>(n));
        for (std::size_t k = 0; k < n; k++)
            made.taps[k] = made.reversed[n - 1 - k] = static_cast<T>(term.taps[k]);
    }
}

template <class T> std::size_t VolterraDirectTaps<T>::bytes() const
{
    std::size_t sum = by_tap.bytes() + reversed.bytes();
    for (const Term& term : terms)
        sum += term.taps.bytes() + term.reversed.bytes();
    return sum;
}

template <class T>
VolterraDirect<T>::VolterraDirect(const VolterraModel& model, const VolterraDirectTaps<T>& taps,
                                  std::size_t factor)
    : taps_(taps), products_(model, factor, taps.horner ? 0 : piece)
{
    if (taps.horner) {
        past_ = VolterraHistory<T>(taps.taps - 1, piece);
        return;
    }
    for (const VolterraTerm& term : model.terms)
        pasts_.emplace_back(term.taps.size() - 1, piece);
    places_.resize(pasts_.size());
}

template <class T> void VolterraDirect<T>::process(const T* x, T* y, std::size_t frames)
{
    for (std::size_t done = 0; done < frames; done += piece)
        process_piece(x + done, y + done, std::min(piece, frames - done));
}

template <class T> void VolterraDirect<T>::process_piece(const T* x, T* y, std::size_t frames)
{
    const VolterraKernels<T>& kernels = volterra_kernels<T>();
    if (taps_.horner && taps_.order != 0) {
        T* now = past_.append(frames);
        std::memcpy(now, x, frames * sizeof(T));
        return kernels.horner(now, frames, taps_.by_tap.data(), taps_.reversed.data(), taps_.taps,
                              taps_.order, y);
    }
    for (std::size_t t = 0; t < pasts_.size(); t++)
        places_[t] = pasts_[t].append(frames);
    if (!pasts_.empty()) products_.make(x, frames, places_.data());
    std::memset(y, 0, frames * sizeof(T));
    for (std::size_t t = 0; t < pasts_.size(); t++) {
        const auto& term = taps_.terms[t];
        kernels.fir_add(places_[t], frames, term.taps.data(), term.reversed.data(),
                        term.taps.size(), y);
    }
}

template <class T> void VolterraDirect<T>::clear()
{
    past_.clear();
    products_.clear();
    for (VolterraHistory<T>& past : pasts_)
        past.clear();
}

template <class T> std::size_t VolterraDirect<T>::bytes() const
{
    std::size_t sum = past_.bytes() + products_.bytes();
    for (const VolterraHistory<T>& past : pasts_)
        sum += past.bytes();
    return sum;
}

template class VolterraDirectTaps<float>;
template class VolterraDirectTaps<double>;
template class VolterraDirect<float>;
template class VolterraDirect<double>;

} // namespace asiowire
