// SPDX-License-Identifier: MIT
#include "hooks/runner/wire.hpp"

#include "hooks/runner/text.hpp"

#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace asiowire::hooks {

namespace {

/// A burst finds room a moment later; whoever never stops is slowed down.
constexpr int longest_wait_ms = 50;

} // namespace

std::optional<Message> Message::of(std::span<const std::byte> datagram, WireHead& head)
{
    if (datagram.size() < sizeof head || datagram.size() > wire_most_bytes) return std::nullopt;
    std::memcpy(static_cast<void*>(&head), datagram.data(), sizeof head);
    head.name.back() = '\0';
    const auto rest = datagram.subspan(sizeof head);
    Message message;
    message.said = head.said;
    message.level = head.level;
    message.position = head.position;
    message.value = head.value;
    message.name = head.name.data();
    switch (head.said) {
    case Said::number:
        return is_name(message.name) && rest.empty() ? std::optional(message) : std::nullopt;
    case Said::array:
        if (!is_name(message.name) || rest.size() % sizeof(float) != 0) return std::nullopt;
        // A datagram's buffer is aligned, and so is the end of its head.
        message.values = {reinterpret_cast<const float*>(rest.data()), rest.size() / sizeof(float)};
        return message;
    case Said::loaded:
    case Said::begun:
    case Said::event:
    case Said::over:
    case Said::failed:
        message.text = {reinterpret_cast<const char*>(rest.data()), rest.size()};
        message.text = message.text.substr(0, ASIOWIRE_HOOK_TEXT_BYTES);
        return message;
    }
    return std::nullopt;
}

bool Wire::send(const WireHead& head, std::span<const std::byte> rest) const
{
    std::array<iovec, 2> parts = {{
        {const_cast<WireHead*>(&head), sizeof head},
        {const_cast<std::byte*>(rest.data()), rest.size()},
    }};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const int flags = MSG_NOSIGNAL | (patient_ ? 0 : MSG_DONTWAIT);
    bool waited = false;
    for (;;) {
        if (sendmsg(socket_, &message, flags) >= 0) return true;
        if (errno == EINTR) continue;
        if (errno != EAGAIN || waited) return false;
        pollfd room = {socket_, POLLOUT, 0};
        poll(&room, 1, longest_wait_ms);
        waited = true;
    }
}

bool Wire::say(Said said, std::string_view text) const
{
    WireHead head;
    head.said = said;
    const auto* const bytes = reinterpret_cast<const std::byte*>(text.data());
    return send(head, {bytes, std::min<std::size_t>(text.size(), ASIOWIRE_HOOK_TEXT_BYTES)});
}

} // namespace asiowire::hooks
