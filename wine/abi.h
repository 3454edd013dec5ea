// SPDX-License-Identifier: MIT
#pragma once

// The wire between the Windows half (asiowire.dll, 32 or 64 bit) and the Unix half (asiowire.so).
// One call = one number = one params struct = one entry function of the same name on each side.
// Fixed-size integers, u64 for addresses and tokens, explicit padding, the size first: the three
// compilers that see this file lay it out alike, and the asserts at the end hold them to it.

#include <cstddef>
#include <cstdint>

namespace asiowire::abi {

/// Raised with every change of a struct below; both halves must carry the same number.
inline constexpr std::uint32_t version = 3;

inline constexpr std::size_t message_bytes = 128; // UTF-8 with its NUL; hosts read at most 124
inline constexpr std::size_t node_bytes = 128;    // a node's name in the graph, with its NUL
inline constexpr std::size_t channel_bytes = 32;  // ASCII with its NUL, as ASIO has it
inline constexpr std::uint32_t max_channels = 64; // per direction: one bit each in a u64 mask

enum class Call : std::uint32_t {
    open = 0,       ///< connect to PipeWire
    close = 1,      ///< free everything behind the token
    prepare = 2,    ///< take block size, channels and buffers; arms the door for one audio thread
    start = 3,      ///< make the node; returns once it cycles on the audio thread
    stop = 4,       ///< take the node away and end the audio thread's loop
    run = 5,        ///< audio thread only: sleep until a block is ready
    next_event = 6, ///< event thread only: sleep until there is something to tell the host
    close_events = 7, ///< makes every next_event return closed, now and later
    status = 8,     ///< rates, latencies, counters
    log = 9,        ///< one line from the Windows half into the log
    rate = 10,      ///< ask whether the graph can run at a sample rate, or have it do so
    channel = 11,   ///< what the device calls a channel
    count = 12,
};

/// The first eight bytes of every params struct.
struct Head {
    std::uint32_t size;   // in: sizeof the whole struct
    std::int32_t status;  // out: asiowire::Status
};

struct OpenParams {
    Head head;
    std::uint32_t version;         // in: abi::version
    std::uint32_t reserved;
    char program[64];              // in: the host's executable name, UTF-8
    std::uint64_t engine;          // out: token
    std::uint32_t inputs;          // out: channels the host may use
    std::uint32_t outputs;         // out
    std::uint32_t rate;            // out: the graph's sample rate, Hz
    std::uint32_t preferred_block; // out: frames
    std::uint32_t sample_type;     // out: asiowire::SampleType of every channel
    std::uint32_t fixed_block;     // out: 1 = the preferred block is the only one to offer
    char message[message_bytes];   // out: what was wrong, or what was used instead; "" when nothing
    char device[node_bytes];       // in: a node of the card that was chosen; "" = the default devices
    char capture[node_bytes];      // in: the node to record from, where it is not of that card
};

struct CloseParams {
    Head head;
    std::uint64_t engine; // in
};

inline constexpr std::size_t warm_ranges = 6;

struct PrepareParams {
    Head head;
    std::uint64_t engine;         // in
    std::uint64_t input_mask;     // in: bit c set = channel c has a buffer
    std::uint64_t output_mask;    // in
    std::uint64_t inputs;         // in: address of the first active input channel's half 0
    std::uint64_t outputs;        // in: the same for outputs
    std::uint32_t channel_stride; // in: bytes from one active channel of a half to the next
    std::uint32_t half_stride;    // in: bytes from half 0 to half 1
    std::uint32_t block;          // in: frames of one half
    std::uint32_t sample_type;    // in: as open said, for both halves to agree
    // in: Windows memory, data and code, that lies on the audio thread's way to the host; 0 = unused
    std::uint64_t warm_address[warm_ranges];
    std::uint32_t warm_bytes[warm_ranges];
};

struct StartParams {
    Head head;
    std::uint64_t engine;        // in
    char message[message_bytes]; // out: what was wrong, or what was used instead
};

struct StopParams {
    Head head;
    std::uint64_t engine;              // in
    std::uint32_t audio_thread_lost;   // in: 1 = the thread is dead and did not leave the loop
    std::uint32_t deferred;            // out: 1 = asked from inside the cycle, ends soon by itself
};

enum class RunRequest : std::uint8_t { next_block = 0, quit = 1 };
enum class RunOutcome : std::uint8_t { ended = 0, block_ready = 1 };

/// One cache line, and no head: it crosses the door in every cycle, and open has checked versions.
struct RunParams {
    std::uint64_t engine;           // in
    std::uint64_t stack_floor;      // in: lowest address of the Unix stack, 0 = unknown
    std::uint64_t windows_stack;    // in: about where the caller's own stack ends, to be warmed
    std::uint64_t host_enter_ticks; // in: time stamp counter before the host was called last
    std::uint64_t host_leave_ticks; // in: and after it returned
    std::uint64_t position;         // out: frames since start of the block's first frame
    std::uint64_t time_ns;          // out: its time, nanoseconds of Wine's performance counter
    std::uint32_t rate;             // out: Hz
    std::uint8_t half;              // out: 0 or 1
    std::uint8_t request;           // in: RunRequest
    std::uint8_t outcome;           // out: RunOutcome
    std::uint8_t reserved;
};

enum class Event : std::uint32_t {
    closed = 0,            ///< there will be no other
    latencies_changed = 1,
    overload = 2,          ///< blocks were lost or came late; at most one a second
    reset = 3,             ///< the host should open the device again
    resync = 4,            ///< position and time have jumped
    rate_changed = 5,      ///< not on the host's wish; value: Hz
    block_changed = 6,     ///< another block would suit the graph better; value: frames
};

struct NextEventParams {
    Head head;
    std::uint64_t engine; // in
    std::uint32_t kind;   // out: Event
    std::uint32_t value;  // out: what the event says, else 0
};

struct StatusParams {
    Head head;
    std::uint64_t engine;          // in
    std::uint32_t block;           // in: frames the latencies are asked for, 0 = the prepared ones
    std::uint32_t rate;            // out: Hz, the graph's or the one the host has asked for
    std::uint32_t quantum;         // out: frames per graph cycle, the last seen or configured one
    std::uint32_t fifo_delay;      // out: frames that re-blocking adds
    std::uint32_t budget;          // out: frames that the buffered schedule adds, else 0
    std::uint32_t preferred_block; // out: frames
    std::uint32_t input_latency;   // out: frames from the device to the host
    std::uint32_t output_latency;  // out: frames from the host to the device, all of the above
    std::uint64_t cycles;          // out: since start
    std::uint64_t blocks;          // out: host calls since start
    std::uint64_t gaps;            // out: times the graph's clock ran on without us
    std::uint64_t overruns;        // out: cycles that ended after the next one was due
    std::uint64_t late;            // out: blocks a host was too late for (buffered schedule)
    std::uint64_t hangs;           // out: times a host was found hanging in its callback
    std::uint64_t overhead_p50_ns; // out: our own share of a cycle
    std::uint64_t overhead_p99_ns; // out
};

struct RateParams {
    Head head;
    std::uint64_t engine;        // in
    std::uint32_t rate;          // in: Hz
    std::uint32_t only_ask;      // in: 1 = change nothing
    char message[message_bytes]; // out: why not
};

struct ChannelParams {
    Head head;
    std::uint64_t engine;     // in
    std::uint32_t channel;    // in: from 0
    std::uint32_t is_input;   // in: 1 = input
    char name[channel_bytes]; // out: no two of a direction are the same
};

struct LogParams {
    Head head;
    std::uint32_t bytes; // in: text length without a NUL
    std::uint32_t reserved;
    char text[240];      // in: UTF-8
};

#define ASIOWIRE_ABI_AT(type, member, offset) static_assert(offsetof(type, member) == (offset))
static_assert(sizeof(Head) == 8);
static_assert(sizeof(OpenParams) == 496);
ASIOWIRE_ABI_AT(OpenParams, engine, 80);
ASIOWIRE_ABI_AT(OpenParams, preferred_block, 100);
ASIOWIRE_ABI_AT(OpenParams, message, 112);
ASIOWIRE_ABI_AT(OpenParams, capture, 368);
static_assert(sizeof(CloseParams) == 16);
static_assert(sizeof(PrepareParams) == 136);
ASIOWIRE_ABI_AT(PrepareParams, engine, 8);
ASIOWIRE_ABI_AT(PrepareParams, outputs, 40);
ASIOWIRE_ABI_AT(PrepareParams, block, 56);
ASIOWIRE_ABI_AT(PrepareParams, warm_bytes, 112);
static_assert(sizeof(StartParams) == 144);
static_assert(sizeof(StopParams) == 24);
static_assert(sizeof(RunParams) == 64);
ASIOWIRE_ABI_AT(RunParams, position, 40);
ASIOWIRE_ABI_AT(RunParams, rate, 56);
ASIOWIRE_ABI_AT(RunParams, half, 60);
ASIOWIRE_ABI_AT(RunParams, outcome, 62);
static_assert(sizeof(NextEventParams) == 24);
static_assert(sizeof(StatusParams) == 112);
ASIOWIRE_ABI_AT(StatusParams, block, 16);
ASIOWIRE_ABI_AT(StatusParams, cycles, 48);
ASIOWIRE_ABI_AT(StatusParams, overhead_p99_ns, 104);
static_assert(sizeof(RateParams) == 152);
ASIOWIRE_ABI_AT(RateParams, message, 24);
static_assert(sizeof(ChannelParams) == 56);
ASIOWIRE_ABI_AT(ChannelParams, name, 24);
static_assert(sizeof(LogParams) == 256);
#undef ASIOWIRE_ABI_AT

/// A params struct with its size filled in and everything else zero.
/// [any-thread]  pure
template <class Params> constexpr Params make() noexcept
{
    Params params{};
    params.head.size = sizeof(Params);
    return params;
}

} // namespace asiowire::abi
