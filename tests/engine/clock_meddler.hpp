// SPDX-License-Identifier: MIT
#pragma once

#include "tests/engine/borrowed_filter.hpp"

#include <atomic>
#include <chrono>
#include <thread>

namespace engine_test {

/// A node under the same driver as ours that makes the driver's clock jump, as a device does that
/// has lost frames: the clock lies in memory that all nodes of a driver share, and the driver
/// counts on from what stands there.
class ClockMeddler {
public:
    /// Lets the clock jump once; false when the graph does not come to it in a second.
    bool jump(std::uint64_t frames)
    {
        frames_ = frames;
        for (int i = 0; i < 1000 && frames_ != 0; i++)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return frames_ == 0;
    }

private:
    void meddle(spa_io_clock& clock) { clock.position += frames_.exchange(0); }

    std::atomic<std::uint64_t> frames_{0};
    BorrowedFilter filter_{
        "clock-meddler",
        pw_properties_new(PW_KEY_NODE_NAME, "clock-meddler", PW_KEY_NODE_ALWAYS_PROCESS, "true",
                          PW_KEY_NODE_GROUP, "group.dsp.0", nullptr),
        [](pw_filter* filter) { pw_filter_connect(filter, PW_FILTER_FLAG_RT_PROCESS, nullptr, 0); },
        [this](spa_io_position* position) { meddle(position->clock); }};
};

} // namespace engine_test
