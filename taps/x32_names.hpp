// SPDX-License-Identifier: MIT
#pragma once

#include "taps/host_lookup.hpp"
#include "taps/x32_session.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace asiowire {

inline constexpr std::uint16_t x32_port = 10023;

/// Asks a Behringer X32 or Midas M32 for the names of what its USB card carries, and follows them.
///
///     auto console = X32Names::connect("192.168.1.62");
///     if (!console) refuse(console.error());
///     (*console)->wait_names(2s);
///     for (TrackName& track : (*console)->names()) …          // empty: no console, keep your own
///     // from then on, now and then:
///     while (auto change = (*console)->poll()) if (change->renamed()) mark(change->words());
///     while (auto remark = (*console)->poll_remark()) say(*remark);
///
/// It has a thread of its own, which alone touches the network. A console that is not there, comes
/// late, goes and comes back is waited for, with a packet every 8 s at most.
///
/// [any-thread but the audio thread]  no call waits for the network but wait_names()
/// Source   the protocol: docs/x32.md
class X32Names {
public:
    /// Begins to ask. Shapes   host_port: "HOST" or "HOST:PORT", a name or an IPv4 address
    /// Errors   a sentence: no such thing as this host or port, or no socket. A host that has no
    ///          address or does not answer is no error but a remark
    static std::expected<std::unique_ptr<X32Names>, std::string>
    connect(std::string_view host_port);

    ~X32Names();
    X32Names(const X32Names&) = delete;
    X32Names& operator=(const X32Names&) = delete;

    /// Waits until the console has said everything. From its return on, what is different from
    /// names() then is a change for poll(), also when the console came too late.
    /// Errors   false: it has not; names() are what is known so far, or empty
    bool wait_names(std::chrono::milliseconds timeout);

    /// The card's outputs 1…32 to the computer; empty as long as no console has answered.
    std::vector<TrackName> names() const;

    struct StripName {
        Strip strip;
        std::string name; ///< as the console has it: empty for none
        std::string colour;
    };
    /// Every strip of the console, whether on the card or not; empty as names() is.
    std::vector<StripName> strips() const;

    X32Console console() const;
    X32Counters counters() const;
    /// Whether the console answers now.
    bool in_contact() const;

    /// The next change of names(), if there is one.
    std::optional<Rename> poll();
    /// The next sentence for the user: console gone, back, not understood.
    std::optional<std::string> poll_remark();

private:
    struct Descriptor {
        int fd = -1;
        Descriptor() = default;
        explicit Descriptor(int opened) : fd(opened) {}
        Descriptor(Descriptor&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
        ~Descriptor();
    };

    X32Names(std::string host, std::uint16_t port, Descriptor socket, Descriptor wake);
    void run();
    X32Session::Time take_address();
    X32Session::Time speak();
    void listen();
    bool send(const std::string& question);

    Descriptor socket_;
    Descriptor wake_; ///< an eventfd, written to once: the end
    HostLookup lookup_;
    X32Session::Time look_up_at_{};
    std::optional<sockaddr_in> address_;

    mutable std::mutex mutex_; ///< of the session
    std::condition_variable settled_;
    X32Session session_;
    std::thread thread_;
};

} // namespace asiowire
