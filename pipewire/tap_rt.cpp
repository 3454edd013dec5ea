// SPDX-License-Identifier: MIT
// Runs on the audio thread.

#include "pipewire/tap.hpp"

namespace asiowire {

void Tap::push(const RtState& s, const Cycle& cycle) ASIOWIRE_RT
{
    constexpr auto relaxed = std::memory_order_relaxed;
    const std::uint64_t xruns = s.xruns.ours() + s.xruns.device();
    const std::uint64_t late = s.late.load(relaxed);
    const std::uint64_t missed = known_ ? s.missed - missed_ : 0;
    std::uint32_t flags = 0;
    if (missed > 0) flags |= ring_gap;
    if (known_ && xruns != xruns_) flags |= ring_xrun;
    if (known_ && late != late_) flags |= ring_late;
    known_ = true;
    missed_ = s.missed;
    xruns_ = xruns;
    late_ = late;
    for (std::size_t c = 0; c < sources_.size(); c++) {
        const Source source = sources_[c];
        planes_[c] = source.port == not_recorded ? nullptr
                     : source.output             ? s.out[source.port]
                                                 : s.in[source.port];
    }
    ring_.push({.clock_ns = cycle.time_ns,
                .missed = missed,
                .frames = cycle.quantum,
                .rate = cycle.rate,
                .flags = flags},
               planes_.data());
}

} // namespace asiowire
