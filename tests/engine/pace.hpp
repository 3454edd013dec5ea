// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/clocks.hpp"
#include "tests/engine/native_host.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace engine_test {

/// Of the blocks so far; see Pace.
struct SeenOfPace {
    std::uint64_t blocks = 0;
    std::uint64_t first_ns = 0;
    std::uint64_t last_ns = 0;
    std::uint64_t longest_ns = 0;
    std::uint64_t first_position = 0;
    std::uint64_t position = 0;
    std::uint64_t time_ns = 0;
    std::uint64_t time_steps_back = 0;
    std::uint64_t position_steps_back = 0;
};

/// What a host could notice of its own pace, whatever the graph is doing: a hook of one host at a time.
class Pace {
public:
    /// Forgets all; before the host starts.
    static void begin() { seen_ = {}; }

    static bool look(Host&, const Block& block)
    {
        const std::uint64_t now = asiowire::monotonic_ns();
        SeenOfPace& s = seen_;
        if (s.blocks++ == 0) {
            s.first_ns = now;
            s.first_position = block.position;
        } else {
            s.longest_ns = std::max(s.longest_ns, now - s.last_ns);
            s.time_steps_back += block.time_ns <= s.time_ns;
            s.position_steps_back += block.position <= s.position;
        }
        s.last_ns = now;
        s.time_ns = block.time_ns;
        s.position = block.position;
        return true;
    }

    struct Result {
        double longest_ms = 0;          // between two blocks
        double drift_ms = 0;            // of the position against the world's clock, at the end
        std::uint64_t frames_missed = 0; // by the position
        std::uint64_t steps_back = 0;   // of time or position
    };

    /// While nothing runs.
    static Result result(Frames block, std::uint32_t rate)
    {
        const SeenOfPace& s = seen_;
        const std::uint64_t passed = s.position - s.first_position;
        const double world_ms = static_cast<double>(s.last_ns - s.first_ns) / 1e6;
        return {.longest_ms = static_cast<double>(s.longest_ns) / 1e6,
                .drift_ms = 1e3 * static_cast<double>(passed) / rate - world_ms,
                .frames_missed = passed - (s.blocks - 1) * block,
                .steps_back = s.time_steps_back + s.position_steps_back};
    }

private:
    static inline SeenOfPace seen_; // the audio thread's while the host runs
};

} // namespace engine_test
