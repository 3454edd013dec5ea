// SPDX-License-Identifier: MIT
#pragma once

#include "core/reblock.hpp"

#include <cstdint>

namespace asiowire {

struct Cycle;

/// Whose fault it was: each dropout is counted once, under the first of these that is true.
///
/// - woken late: the cycle began for us when it should have been over. Nodes before us, the daemon or
///   the machine had the time; from where we stand nobody can tell which.
/// - ours: we were woken in time and ended after the next cycle was due. PipeWire counts the same for
///   our node: it had not finished when its driver started the next cycle.
/// - the device's: the driver's clock jumped, or the driver says that it lost frames, and the cycle
///   before was not late: else that is a consequence, and was counted.
///
/// Cycles that cannot be compared are not judged: the first one, another clock, another rate or
/// quantum, a graph that runs free. So stop, start and a change of device are none.
///
/// [audio-thread & running]
/// Source   PipeWire 0.3.65 to 1.x, impl-node.c: check_states(), node_xrun(); alsa-pcm.c: clock->xrun
class Xruns {
public:
    /// `begin_ns`, `end_ns`: when the cycle began and ended for us, by the graph's clock
    void judge(const Cycle& now, double begin_ns, double end_ns) ASIOWIRE_RT;

    /// The next cycle does not follow on the latest one.
    void forget() ASIOWIRE_RT { known_ = false; }

    std::uint64_t ours() const ASIOWIRE_RT { return ours_; }
    std::uint64_t device() const ASIOWIRE_RT { return device_; }
    std::uint64_t woken_late() const ASIOWIRE_RT { return woken_late_; }

private:
    std::uint64_t ours_ = 0;
    std::uint64_t device_ = 0;
    std::uint64_t woken_late_ = 0;

    // Of the latest cycle.
    bool known_ = false;
    bool was_late_ = false;
    std::uint32_t clock_id_ = 0;
    std::uint32_t rate_ = 0;
    Frames quantum_ = 0;
    std::uint64_t next_position_ = 0;
    std::uint64_t driver_xrun_ = 0;
};

} // namespace asiowire
