// SPDX-License-Identifier: MIT
#include "hooks/volterra_processor.hpp"

#include "hooks/volterra_float_state.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace asiowire {

template <class T>
VolterraEngineSet<T>::VolterraEngineSet(const VolterraModel& model, const VolterraConfig& config)
    : plan(volterra_plan<T>(model, config)), taps(model.taps), orders(model.orders())
{
    if (plan.way == VolterraWay::partitioned)
        partitions = std::make_unique<VolterraPartitions<T>>(model, plan.block);
    else
        direct = std::make_unique<VolterraDirectTaps<T>>(model, config.oversampling);
    bytes = partitions ? partitions->bytes() : direct->bytes();
    for (std::size_t c = 0; c < config.channels; c++) {
        if (partitions)
            channels.push_back(
                std::make_unique<VolterraPartitioned<T>>(model, *partitions, config.oversampling));
        else
            channels.push_back(
                std::make_unique<VolterraDirect<T>>(model, *direct, config.oversampling));
        bytes += channels.back()->bytes();
    }
}

template <class T>
VolterraProcessor<T>::VolterraProcessor(const VolterraModel& model, const VolterraConfig& config)
    : config_(config), fade_(config.fade), other_(piece)
{
    for (std::size_t i = 0; i < fade_.size(); i++) {
        const double place = (static_cast<double>(i) + 0.5) / static_cast<double>(fade_.size());
        fade_[i] = static_cast<T>(0.5 - 0.5 * std::cos(M_PI * place));
    }
    auto set = std::make_unique<Set>(model, config);
    facts_ = {set->plan, set->taps, set->orders};
    facts_.plan.bytes = set->bytes;
    current_ = set.release();
}

template <class T> VolterraProcessor<T>::~VolterraProcessor()
{
    free_retired();
    delete next_.load();
    delete incoming_;
    delete current_;
}

template <class T> void VolterraProcessor<T>::set_model(const VolterraModel& model)
{
    free_retired();
    auto set = std::make_unique<Set>(model, config_);
    facts_ = {set->plan, set->taps, set->orders};
    facts_.plan.bytes = set->bytes;
    delete next_.exchange(set.release(), std::memory_order_acq_rel);
}

template <class T> bool VolterraProcessor<T>::is_exchanging() const
{
    return next_.load(std::memory_order_acquire) != nullptr ||
           exchanging_.load(std::memory_order_acquire);
}

template <class T>
void VolterraProcessor<T>::process(const T* const* in, T* const* out, std::size_t frames)
{
    const VolterraFloatState quiet;
    for (std::size_t done = 0; done < frames;) {
        if (incoming_ == nullptr && next_.load(std::memory_order_relaxed) != nullptr) {
            exchanging_.store(true, std::memory_order_release); // before the slot is empty
            incoming_ = next_.exchange(nullptr, std::memory_order_acquire);
            unheard_ = incoming_->taps - 1 + 2 * latency();
            faded_ = 0;
        }
        const std::size_t count =
            incoming_ == nullptr ? frames - done : std::min(piece, frames - done);
        if (incoming_ == nullptr)
            run(*current_, in, out, done, count);
        else
            exchange_piece(in, out, done, count);
        done += count;
    }
}

template <class T>
void VolterraProcessor<T>::run(Set& set, const T* const* in, T* const* out, std::size_t at,
                               std::size_t frames)
{
    for (std::size_t c = 0; c < config_.channels; c++)
        set.channels[c]->process(in[c] + at, out[c] + at, frames);
}

template <class T>
void VolterraProcessor<T>::exchange_piece(const T* const* in, T* const* out, std::size_t at,
                                          std::size_t frames)
{
    const std::size_t silent = std::min(unheard_, frames);
    const std::size_t faded = std::min(frames - silent, fade_.size() - faded_);
    for (std::size_t c = 0; c < config_.channels; c++) {
        incoming_->channels[c]->process(in[c] + at, other_.data(), frames); // out may be in
        current_->channels[c]->process(in[c] + at, out[c] + at, frames);
        T* mixed = out[c] + at;
        for (std::size_t i = silent; i < silent + faded; i++)
            mixed[i] += (other_[i] - mixed[i]) * fade_[faded_ + i - silent];
        for (std::size_t i = silent + faded; i < frames; i++)
            mixed[i] = other_[i];
    }
    unheard_ -= silent;
    faded_ += faded;
    if (unheard_ == 0 && faded_ == fade_.size()) finish_exchange();
}

template <class T> void VolterraProcessor<T>::finish_exchange()
{
    retire(current_);
    current_ = incoming_;
    incoming_ = nullptr;
    exchanging_.store(false, std::memory_order_release);
}

/// Only this thread puts in, and the other one takes all: what is seen here stays whole.
template <class T> void VolterraProcessor<T>::retire(Set* set)
{
    set->next_retired = retired_.exchange(nullptr, std::memory_order_acquire);
    retired_.store(set, std::memory_order_release);
}

template <class T> void VolterraProcessor<T>::free_retired()
{
    for (Set* set = retired_.exchange(nullptr, std::memory_order_acquire); set != nullptr;) {
        Set* following = set->next_retired;
        delete set;
        set = following;
    }
}

template <class T> void VolterraProcessor<T>::reset()
{
    if (incoming_ != nullptr) finish_exchange();
    if (Set* next = next_.exchange(nullptr, std::memory_order_acquire)) {
        retire(current_);
        current_ = next;
    }
    for (const auto& channel : current_->channels)
        channel->clear();
}

template struct VolterraEngineSet<float>;
template struct VolterraEngineSet<double>;
template class VolterraProcessor<float>;
template class VolterraProcessor<double>;

} // namespace asiowire
