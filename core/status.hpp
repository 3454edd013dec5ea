// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <expected>

namespace asiowire {

/// Everything that can go wrong, once. Travels over the door as an int32 and becomes an ASIOError,
/// an errno or an exit code at exactly one converter per frontier.
enum class Status : std::int32_t {
    ok = 0,
    no_daemon = 1,        ///< PipeWire cannot be reached
    no_unix_half = 2,     ///< Wine did not find asiowire.so
    wrong_version = 3,    ///< the two halves come from different builds
    bad_argument = 4,     ///< a value outside its documented range
    bad_state = 5,        ///< the call does not fit the state (for example start without buffers)
    no_memory = 6,        ///< an allocation failed
    unknown_device = 7,   ///< a named node is not in the graph
    thread_lost = 8,      ///< the audio thread was terminated from outside
    unsupported = 9,      ///< what was asked for does not exist here
    system_error = 10,    ///< the operating system or PipeWire refused without a better name
    no_clock = 11,        ///< the graph does not run at this sample rate
    position_unknown = 12, ///< no block has passed yet
    clock_held = 13,      ///< somebody else holds the graph at another sample rate
};

/// One sentence for a person.
/// [any-thread]  wait-free
constexpr const char* sentence(Status status) noexcept
{
    switch (status) {
    case Status::ok: return "no error";
    case Status::no_daemon: return "PipeWire is not running or cannot be reached";
    case Status::no_unix_half: return "Wine did not find asiowire.so, the Unix half of AsioWire";
    case Status::wrong_version: return "asiowire.dll and asiowire.so come from different builds";
    case Status::bad_argument: return "a value is outside its range";
    case Status::bad_state: return "the call does not fit the driver's state";
    case Status::no_memory: return "out of memory";
    case Status::unknown_device: return "the named node is not in the PipeWire graph";
    case Status::thread_lost: return "the audio thread was terminated by the host";
    case Status::unsupported: return "not available with this driver";
    case Status::system_error: return "the operating system refused the request";
    case Status::no_clock: return "the graph does not run at this sample rate";
    case Status::position_unknown: return "no block has passed yet";
    case Status::clock_held: return "the graph is held at another sample rate";
    }
    return "unknown error";
}

template <class T> using Result = std::expected<T, Status>;

} // namespace asiowire
