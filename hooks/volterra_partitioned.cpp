// SPDX-License-Identifier: MIT
#include "hooks/volterra_partitioned.hpp"

#include "hooks/volterra_cost.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace asiowire {

namespace {

/// What a product may be so that a transform's sums cannot overflow.
template <class T> constexpr double largest = sizeof(T) == sizeof(float) ? 1e30 : 1e280;

} // namespace

template <class T>
VolterraPartitioned<T>::VolterraPartitioned(const VolterraModel& model,
                                            const VolterraPartitions<T>& partitions,
                                            std::size_t factor)
    : of_(partitions), products_(model, factor, of_.block),
      limit_(
          static_cast<T>(std::pow(largest<T>, 1.0 / static_cast<double>(model.highest_order())))),
      reach_(model.taps + 2 * VolterraProducts<T>::latency(factor)),
      signals_((of_.terms + 1) / 2 * 2 * of_.row()), spectra_(of_.tiles * of_.stride()),
      transformed_(2 * of_.row()), sum_(of_.tiles * of_.tile), time_(2 * of_.block),
      tail_(of_.parts > 1 ? of_.tiles * of_.tile : 0),
      tail_time_(of_.parts > 1 ? 2 * of_.block : 0), places_(of_.terms), sifted_(of_.block),
      reached_(of_.block)
{}

template <class T> void VolterraPartitioned<T>::process(const T* x, T* y, std::size_t frames)
{
    if (of_.terms == 0) {
        std::memset(y, 0, frames * sizeof(T));
        return;
    }
    for (std::size_t done = 0; done < frames;) {
        const std::size_t count = std::min(frames - done, of_.block - filled_);
        piece(x + done, y + done, count);
        done += count;
    }
}

template <class T> void VolterraPartitioned<T>::piece(const T* x, T* y, std::size_t frames)
{
    for (std::size_t t = 0; t < of_.terms; t++)
        places_[t] = signal(t) + of_.block + filled_;
    const T* sifted = sift(x, frames);
    const bool reached = sifted != x;
    products_.make(sifted, frames, places_.data());

    const double taps = static_cast<double>(of_.heads[0].taps.size());
    const double terms = static_cast<double>(of_.terms);
    const double transforms = VolterraCost<T>::transforms(terms, static_cast<double>(of_.block));
    if (frames == of_.block ||
        VolterraCost<T>::direct(taps, terms, static_cast<double>(frames)) > transforms)
        by_transform(y, frames);
    else
        by_sums(y, frames);

    if (reached)
        for (std::size_t i = 0; i < frames; i++)
            if (reached_[i]) y[i] = std::numeric_limits<T>::quiet_NaN();
    filled_ += frames;
    if (filled_ == of_.block) next_block();
}

template <class T> void VolterraPartitioned<T>::by_transform(T* y, std::size_t frames)
{
    const std::size_t end = filled_ + frames;
    for (std::size_t t = 0; t < of_.terms; t++)
        std::memset(places_[t] + frames, 0, (of_.block - end) * sizeof(T));
    transform();
    has_spectra_ = end == of_.block;
    if (frames == of_.block || of_.parts == 1) {
        sum_from(0, of_.parts, sum_, false);
    } else {
        sum_tail();
        std::memcpy(sum_.data(), tail_.data(), sum_.bytes());
        sum_from(0, 1, sum_, true);
    }
    of_.fft.inverse(sum_.data(), time_.data());
    std::memcpy(y, time_.data() + of_.block + filled_, frames * sizeof(T));
}

template <class T> void VolterraPartitioned<T>::by_sums(T* y, std::size_t frames)
{
    if (of_.parts == 1) {
        std::memset(y, 0, frames * sizeof(T));
    } else {
        if (!has_tail_time_) {
            sum_tail();
            std::memcpy(sum_.data(), tail_.data(), sum_.bytes());
            of_.fft.inverse(sum_.data(), tail_time_.data());
            has_tail_time_ = true;
        }
        std::memcpy(y, tail_time_.data() + of_.block + filled_, frames * sizeof(T));
    }
    for (std::size_t t = 0; t < of_.terms; t++) {
        const auto& head = of_.heads[t];
        volterra_kernels<T>().fir_add(places_[t], frames, head.taps.data(), head.reversed.data(),
                                      head.taps.size(), y);
    }
}

/// This block's spectra, into its slot.
template <class T> void VolterraPartitioned<T>::transform()
{
    for (std::size_t t = 0; t < of_.terms; t += 2) {
        T* to = spectra_.data() + (slot_ * of_.terms + t) * of_.tile;
        of_.transform(signal(t), transformed_.data(), to,
                      t + 1 < of_.terms ? to + of_.tile : nullptr);
    }
}

/// The share of partitions first…last - 1. Partition q meets the block of q blocks ago, which lies
/// q slots higher, counted in a circle: two runs at most.
template <class T>
void VolterraPartitioned<T>::sum_from(std::size_t first, std::size_t last, VolterraBuffer<T>& sum,
                                      bool add)
{
    const std::size_t step = of_.terms * of_.tile;
    const std::size_t turn = std::clamp(of_.parts - slot_, first, last);
    const auto run = [&](std::size_t q, std::size_t end, std::size_t slot) {
        if (q == end) return;
        volterra_kernels<T>().multiply_add(sum.data(), spectra_.data() + slot * step,
                                           of_.spectra.data() + q * step, of_.stride(),
                                           (end - q) * of_.terms, of_.tiles, add);
        add = true;
    };
    run(first, turn, slot_ + first);
    run(turn, last, slot_ + turn - of_.parts);
}

template <class T> void VolterraPartitioned<T>::sum_tail()
{
    if (has_tail_) return;
    sum_from(1, of_.parts, tail_, false);
    has_tail_ = true;
}

/// The samples without those that no transform may see; notes the outputs that they reach.
template <class T> const T* VolterraPartitioned<T>::sift(const T* x, std::size_t frames)
{
    if (volterra_kernels<T>().within(x, frames, limit_) && still_reached_ == 0) return x;
    for (std::size_t i = 0; i < frames; i++) {
        const bool fine = x[i] <= limit_ && x[i] >= -limit_;
        sifted_[i] = fine ? x[i] : 0;
        if (!fine) still_reached_ = reach_;
        reached_[i] = still_reached_ != 0;
        if (still_reached_ != 0) still_reached_--;
    }
    return sifted_.data();
}

template <class T> void VolterraPartitioned<T>::next_block()
{
    if (!has_spectra_) transform();
    for (std::size_t t = 0; t < of_.terms; t++)
        std::memcpy(signal(t), signal(t) + of_.block, of_.block * sizeof(T));
    slot_ = (slot_ + of_.parts - 1) % of_.parts;
    filled_ = 0;
    has_tail_ = has_tail_time_ = has_spectra_ = false;
}

template <class T> void VolterraPartitioned<T>::clear()
{
    products_.clear();
    signals_.clear();
    spectra_.clear();
    still_reached_ = 0;
    filled_ = 0;
    slot_ = 0;
    has_tail_ = has_tail_time_ = has_spectra_ = false;
}

template <class T> std::size_t VolterraPartitioned<T>::bytes() const
{
    return products_.bytes() + signals_.bytes() + spectra_.bytes() + transformed_.bytes() +
           sum_.bytes() + time_.bytes() + tail_.bytes() + tail_time_.bytes() + sifted_.bytes();
}

template class VolterraPartitioned<float>;
template class VolterraPartitioned<double>;

} // namespace asiowire
