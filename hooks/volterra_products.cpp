// SPDX-License-Identifier: MIT
#include "hooks/volterra_products.hpp"

#include <cstring>

namespace asiowire {

namespace {

// 20 kHz of 48 kHz pass, what would fall back on them from 28 kHz on is 120 dB down; the second
// filter has three times as much room.
constexpr std::size_t half_of_two = 24;
constexpr std::size_t half_of_four = 8;
constexpr double attenuation = 120;

template <class T> const VolterraHalfband<T>& filter_of(std::size_t factor)
{
    static const VolterraHalfband<T> two(half_of_two, attenuation);
    static const VolterraHalfband<T> four(half_of_four, attenuation);
    return factor == 2 ? two : four;
}

} // namespace

template <class T> std::size_t VolterraProducts<T>::latency(std::size_t factor)
{
    if (factor == 1) return 0;
    const std::size_t two = 2 * half_of_two - 1;
    return factor == 2 ? two : two + half_of_four; // with the sample carried
}

template <class T>
VolterraProducts<T>::VolterraProducts(const VolterraModel& model, std::size_t factor,
                                      std::size_t room)
    : factor_(factor), highest_power_(model.highest_power()), has_lags_(model.longest_lag() != 0),
      past_(model.longest_lag() * factor, has_lags_ ? room * factor : 0)
{
    for (const VolterraTerm& term : model.terms)
        kinds_.push_back({term.order, term.lag});
    places_.resize(kinds_.size());
    if (factor == 1) return;
    delay_ = VolterraHistory<T>(latency(factor), room);
    raised_ = VolterraBuffer<T>(room * factor);
    middle_ = VolterraBuffer<T>(room * 2 + 1);
    to_two_ = VolterraHalfbandUp<T>(filter_of<T>(2), room);
    if (factor == 4) to_four_ = VolterraHalfbandUp<T>(filter_of<T>(4), room * 2);
    for (const Kind& kind : kinds_) {
        ways_.emplace_back();
        raised_products_.emplace_back(kind.order == 1 ? 0 : room * factor);
        if (kind.order == 1) continue;
        ways_.back().from_two = VolterraHalfbandDown<T>(filter_of<T>(2), room);
        if (factor == 4)
            ways_.back().from_four = VolterraHalfbandDown<T>(filter_of<T>(4), room * 2);
    }
}

template <class T>
void VolterraProducts<T>::make_at_rate(const T* x, std::size_t frames, std::size_t rate,
                                       T* const* out)
{
    const T* now = x;
    if (has_lags_) {
        T* kept = past_.append(frames);
        std::memcpy(kept, x, frames * sizeof(T));
        now = kept;
    }
    T* powers[volterra_orders] = {};
    for (std::size_t t = 0; t < kinds_.size(); t++)
        if (kinds_[t].lag == 0) powers[kinds_[t].order - 1] = out[t];
    volterra_kernels<T>().powers(now, frames, highest_power_, powers);
    for (std::size_t t = 0; t < kinds_.size(); t++)
        if (kinds_[t].lag != 0)
            volterra_kernels<T>().product(now, now - kinds_[t].lag * rate, frames, out[t]);
}

template <class T>
void VolterraProducts<T>::bring_back(WayBack& way, const T* product, std::size_t frames, T* out)
{
    if (factor_ == 2) return way.from_two.run(product, frames, out);
    middle_[0] = way.carried;
    way.from_four.run(product, frames * 2, middle_.data() + 1);
    way.carried = middle_[frames * 2];
    way.from_two.run(middle_.data(), frames, out);
}

template <class T> void VolterraProducts<T>::make(const T* x, std::size_t frames, T* const* out)
{
    if (factor_ == 1) return make_at_rate(x, frames, 1, out);
    const T* delayed = delay_.append(frames);
    std::memcpy(const_cast<T*>(delayed), x, frames * sizeof(T));
    delayed -= latency(factor_);
    if (factor_ == 2) {
        to_two_.run(x, frames, raised_.data());
    } else {
        to_two_.run(x, frames, middle_.data());
        to_four_.run(middle_.data(), frames * 2, raised_.data());
    }
    for (std::size_t t = 0; t < kinds_.size(); t++)
        places_[t] = kinds_[t].order == 1 ? nullptr : raised_products_[t].data();
    make_at_rate(raised_.data(), frames * factor_, factor_, places_.data());
    for (std::size_t t = 0; t < kinds_.size(); t++) {
        if (kinds_[t].order == 1)
            std::memcpy(out[t], delayed, frames * sizeof(T));
        else
            bring_back(ways_[t], places_[t], frames, out[t]);
    }
}

template <class T> void VolterraProducts<T>::clear()
{
    past_.clear();
    delay_.clear();
    to_two_.clear();
    to_four_.clear();
    for (WayBack& way : ways_) {
        way.from_four.clear();
        way.from_two.clear();
        way.carried = 0;
    }
}

template <class T> std::size_t VolterraProducts<T>::bytes() const
{
    std::size_t sum = past_.bytes() + delay_.bytes() + to_two_.bytes() + to_four_.bytes() +
                      raised_.bytes() + middle_.bytes();
    for (const WayBack& way : ways_)
        sum += way.from_four.bytes() + way.from_two.bytes();
    for (const VolterraBuffer<T>& product : raised_products_)
        sum += product.bytes();
    return sum;
}

template class VolterraProducts<float>;
template class VolterraProducts<double>;

} // namespace asiowire
