// SPDX-License-Identifier: MIT

#include "taps/osc.hpp"

#include <cstring>
#include <lo/lo_lowlevel.h>
#include <memory>

namespace asiowire {

namespace {

struct FreeMessage {
    void operator()(lo_message message) const { lo_message_free(message); }
};
using Message = std::unique_ptr<void, FreeMessage>;

/// liblo's lo_arg wants eight bytes' alignment; OSC gives its arguments four.
OscValue value_of(char type, const void* argument)
{
    if (type == LO_STRING) return std::string(static_cast<const char*>(argument));
    if (type != LO_INT32) return std::monostate();
    std::int32_t number = 0;
    std::memcpy(&number, argument, sizeof number);
    return number;
}

} // namespace

std::vector<std::uint8_t> osc_question(const std::string& address)
{
    const Message message(lo_message_new());
    std::vector<std::uint8_t> packet(lo_message_length(message.get(), address.c_str()));
    lo_message_serialise(message.get(), address.c_str(), packet.data(), nullptr);
    return packet;
}

std::optional<OscMessage> read_osc(std::span<std::uint8_t> packet)
{
    // liblo takes any text for a path; an address begins with a slash.
    if (packet.empty() || packet.front() != '/') return std::nullopt;
    const Message message(lo_message_deserialise(packet.data(), packet.size(), nullptr));
    if (!message) return std::nullopt;

    OscMessage read{.address = reinterpret_cast<const char*>(packet.data()), .values = {}};
    const char* types = lo_message_get_types(message.get());
    lo_arg** arguments = lo_message_get_argv(message.get());
    for (int i = 0; i < lo_message_get_argc(message.get()); i++)
        read.values.push_back(value_of(types[i], arguments[i]));
    return read;
}

} // namespace asiowire
