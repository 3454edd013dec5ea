// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <string>

namespace asiowire {

/// Asks for a host's IPv4 address without making anybody wait: a name server that is out of reach
/// holds getaddrinfo() for many seconds, and nothing can call it back.
///
/// Alternative refused: getaddrinfo_a(), whose request cannot be cancelled once it is under way, so
/// that its memory would have to outlive us as this one does.
///
/// [one thread]  destroyed at any time; a lookup under way ends unheard
class HostLookup {
public:
    HostLookup(std::string host, std::uint16_t port);

    struct Answer {
        std::optional<sockaddr_in> address;
        std::string why_not;
    };
    /// Begins a lookup; none may be under way.
    void start();
    bool is_under_way() const { return slot_ != nullptr; }
    /// Once, when the answer is there.
    std::optional<Answer> take();

private:
    struct Slot {
        std::mutex mutex;
        std::optional<Answer> answer;
    };
    std::string host_;
    std::uint16_t port_;
    std::shared_ptr<Slot> slot_;
};

} // namespace asiowire
