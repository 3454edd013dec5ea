// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/volterra_direct.hpp"
#include "hooks/volterra_partitioned.hpp"
#include "hooks/volterra_plan.hpp"

#include <atomic>
#include <memory>

namespace asiowire {

/// A model made ready for all channels; handed over as a whole.
template <class T> struct VolterraEngineSet {
    VolterraEngineSet(const VolterraModel& model, const VolterraConfig& config);

    VolterraPlan plan;
    std::size_t taps;
    unsigned orders;
    std::size_t bytes;
    std::unique_ptr<VolterraDirectTaps<T>> direct;
    std::unique_ptr<VolterraPartitions<T>> partitions;
    std::vector<std::unique_ptr<VolterraEngine<T>>> channels;
    VolterraEngineSet* next_retired = nullptr;
};

/// Several channels through one kernel, which can be exchanged while audio runs.
///
/// A new kernel first runs beside the old one, unheard, until it has seen as much of the past as it
/// has taps; then the outputs are crossfaded. The audio thread never frees: what it is done with
/// waits for the next exchange or the end.
/// Ownership  sets: of the slot they are in; `next_` and `retired_` are the hand-overs
template <class T> class VolterraProcessor {
public:
    VolterraProcessor(const VolterraModel& model, const VolterraConfig& config);
    ~VolterraProcessor();
    VolterraProcessor(const VolterraProcessor&) = delete;
    VolterraProcessor& operator=(const VolterraProcessor&) = delete;

    /// [audio-thread]  wait-free, no allocation, the caller's floating-point state is kept
    /// Shapes   in, out: [channel][frame], any number of frames; out[c] may be in[c], and must not
    ///          overlap any other channel's
    void process(const T* const* in, T* const* out, std::size_t frames);
    /// Forgets the past; an exchange under way is over.
    /// [audio-thread]  wait-free, no allocation
    void reset();
    /// Takes effect in the calls of process that follow; of several, the last one counts.
    /// [control-thread]  allocates, may lock (FFTW's planner); beside process
    void set_model(const VolterraModel& model);
    /// [any-thread]
    bool is_exchanging() const;

    /// What the latest model led to. [control-thread]
    struct Facts {
        VolterraPlan plan;
        std::size_t taps;
        unsigned orders;
    };
    const Facts& facts() const { return facts_; }
    const VolterraConfig& config() const { return config_; }
    std::size_t latency() const { return VolterraProducts<T>::latency(config_.oversampling); }

private:
    using Set = VolterraEngineSet<T>;
    static constexpr std::size_t piece = 256;

    void exchange_piece(const T* const* in, T* const* out, std::size_t at, std::size_t frames);
    void run(Set& set, const T* const* in, T* const* out, std::size_t at, std::size_t frames);
    void retire(Set* set);
    void free_retired();
    void finish_exchange();

    VolterraConfig config_;
    Facts facts_{};
    Set* current_;
    Set* incoming_ = nullptr;
    std::atomic<Set*> next_ = nullptr;
    std::atomic<Set*> retired_ = nullptr;
    std::atomic<bool> exchanging_ = false;
    std::size_t unheard_ = 0; ///< frames until the crossfade begins
    std::size_t faded_ = 0;   ///< frames of it that are done
    std::vector<T> fade_;     ///< the new kernel's share
    VolterraBuffer<T> other_;
};

} // namespace asiowire
