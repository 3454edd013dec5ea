// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/asiowire_hook.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace asiowire::hooks {

/// What a hook's process says to its supervisor, one datagram each.
enum class Said : std::uint32_t {
    loaded = 1, ///< it is a hook, and its settings make sense
    begun,     ///< create() succeeded
    number,    ///< name, value
    array,     ///< name, values
    event,     ///< level, text
    over,      ///< the stream has ended, and the hook with it
    failed,    ///< it cannot go on; text: why
};

/// A datagram's beginning; text or values follow.
struct WireHead {
    Said said = Said::loaded;
    std::int32_t level = 0;
    std::uint64_t position = 0; // of the block that was heard last
    double value = 0;
    std::array<char, ASIOWIRE_HOOK_NAME_BYTES + 1> name{};
};
static_assert(sizeof(WireHead) == 88);

inline constexpr std::size_t wire_most_bytes =
    sizeof(WireHead) + ASIOWIRE_HOOK_ARRAY_VALUES * sizeof(float);

/// A datagram taken apart: nothing in it is trusted. Text and values lie in the datagram.
struct Message {
    Said said = Said::loaded;
    std::int32_t level = 0;
    std::uint64_t position = 0;
    double value = 0;
    std::string_view name;
    std::string_view text;
    std::span<const float> values;

    /// Errors   none: a hook that scribbled has made something else of it
    static std::optional<Message> of(std::span<const std::byte> datagram, WireHead& head);
};

/// The hook's end of the wire.
class Wire {
public:
    /// `patient`: waits for room instead of losing what finds none.
    Wire(int socket, bool patient) : socket_(socket), patient_(patient) {}

    /// False: no room, or nobody listens. [hook-thread]
    bool send(const WireHead& head, std::span<const std::byte> rest) const;
    bool say(Said said, std::string_view text) const;

private:
    int socket_;
    bool patient_;
};

} // namespace asiowire::hooks
