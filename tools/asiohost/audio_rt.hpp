// SPDX-License-Identifier: MIT
#pragma once

#include "windows_api.hpp" // first: it keeps min and max from becoming macros

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "asio/asio_abi.hpp"
#include "counter.hpp"
#include "measure.hpp"

namespace asiohost {

/// One channel's two half-buffers, owned by the driver.
struct Port {
    std::array<void*, 2> halves{};
    Format format = Format::float32;
};

/// What a fault's hook wants of the rest of the callback.
enum class Next { go_on, leave };

/// A fault switch's hand in the callback: called first in every callback with its number from 0.
///
/// [audio-thread & running]
using BlockHook = Next (*)(std::int64_t block);

/// Messages the driver sent through asioMessage and sampleRateDidChange.
struct Messages {
    std::atomic<int> resets{0};
    std::atomic<int> resyncs{0};
    std::atomic<int> latency_changes{0};
    std::atomic<int> overloads{0};
    std::atomic<int> rate_changes{0};
};

/// Everything the audio thread touches. Filled before start(), read out after stop(); only the
/// atomics are shared in between.
struct RtState {
    // Set before start().
    asio::IAsio* driver = nullptr; // for outputReady
    int block = 0;
    bool loopback = false;
    bool output_ready = false;
    bool answer_messages = true; // false: every asioMessage is answered with 0
    bool want_time_info = true;
    double rate = 0;
    std::int64_t burn_ticks = 0;
    std::int64_t settle_frames = 0; // what comes back in these is not judged
    std::int64_t system_time_offset_ns = 0;
    BlockHook hook = nullptr;
    Layout layout = kWide;
    std::vector<Port> inputs;
    std::vector<Port> outputs;
    std::vector<float> sound; // for output 1, over and over; float32
    std::vector<ChannelCheck> checks; // one per channel of the loop

    // Written by the audio thread.
    std::int64_t first_tick = 0;
    std::int64_t frames = 0;         // played and recorded so far
    bool settled = false;            // from here on what comes back is judged
    std::int64_t next_position = -1; // samplePosition the next block should have
    std::int64_t position_jumps = 0;
    std::int64_t wrong_halves = 0; // a half that is not 0 or 1, or the same one twice
    int last_half = -1;
    DWORD first_thread = 0;
    Durations intervals;
    Durations wakes;

    // Shared.
    std::atomic<std::int64_t> callbacks{0};
    std::atomic<std::int64_t> last_tick{0};
    std::atomic<bool> stopped{false}; // stop() has returned: no callback may come any more
    std::atomic<int> late_callbacks{0};
    Messages messages;
};

/// Names the state the callbacks work on; ASIO's callbacks carry no pointer of the host.
///
/// [main-thread & stopped]
/// Ownership  the state stays the caller's and outlives every callback
void set_rt_state(RtState* state);

/// The four functions to hand to createBuffers.
///
/// [any thread]
asio::Callbacks host_callbacks(bool with_time_info);

} // namespace asiohost
