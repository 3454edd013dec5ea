// SPDX-License-Identifier: MIT

#include "taps/x32_names.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace asiowire {

namespace {

using namespace std::chrono_literals;

constexpr auto look_up_again = 8s;
constexpr auto look_whether_found = 20ms;
constexpr int most_packets_at_once = 64;
/// What is longer is cut by the kernel and then no well-formed message; a console's replies that
/// concern us have less than 100 bytes.
constexpr std::size_t longest_packet = 2048;

struct HostPort {
    std::string host;
    std::uint16_t port = x32_port;
};

std::expected<HostPort, std::string> parse(std::string_view host_port)
{
    const std::string quoted = "\"" + std::string(host_port) + "\"";
    const std::size_t colon = host_port.find(':');
    HostPort found{.host = std::string(host_port.substr(0, colon)), .port = x32_port};
    if (found.host.empty()) return std::unexpected("X32: " + quoted + " names no host");
    if (colon == std::string_view::npos) return found;
    const std::string_view port = host_port.substr(colon + 1);
    const auto end = std::from_chars(port.data(), port.data() + port.size(), found.port);
    if (end.ec != std::errc() || end.ptr != port.data() + port.size() || found.port == 0)
        return std::unexpected("X32: " + quoted + ": the port is a number from 1 to 65535");
    return found;
}

bool is_same(const sockaddr_in& a, const sockaddr_in& b)
{
    return a.sin_family == b.sin_family && a.sin_addr.s_addr == b.sin_addr.s_addr &&
           a.sin_port == b.sin_port;
}

} // namespace

X32Names::Descriptor::~Descriptor()
{
    if (fd >= 0) close(fd);
}

std::expected<std::unique_ptr<X32Names>, std::string>
X32Names::connect(std::string_view host_port)
{
    auto place = parse(host_port);
    if (!place) return std::unexpected(place.error());
    // Not connected to the console: a connected socket drops packets from elsewhere uncounted.
    Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    Descriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (socket.fd < 0 || wake.fd < 0)
        return std::unexpected(std::string("X32: no socket: ") + std::strerror(errno));
    try {
        return std::unique_ptr<X32Names>(new X32Names(std::move(place->host), place->port,
                                                      std::move(socket), std::move(wake)));
    } catch (const std::system_error& error) {
        return std::unexpected(std::string("X32: no thread: ") + error.what());
    }
}

X32Names::X32Names(std::string host, std::uint16_t port, Descriptor socket, Descriptor wake)
    : socket_(std::move(socket)), wake_(std::move(wake)), lookup_(host, port),
      session_(host + " port " + std::to_string(port))
{
    thread_ = std::thread([this] { run(); });
}

X32Names::~X32Names()
{
    const std::uint64_t one = 1;
    while (write(wake_.fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
    thread_.join();
}

void X32Names::run()
{
    sigset_t all; // signals are for those who know what the program does
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    for (;;) {
        const auto again = address_ ? speak() : take_address();
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(
            std::max(again - X32Session::Clock::now(), X32Session::Clock::duration::zero()));
        std::array<pollfd, 2> files{{{wake_.fd, POLLIN, 0}, {socket_.fd, POLLIN, 0}}};
        ::poll(files.data(), files.size(), static_cast<int>(wait.count()));
        if (files[0].revents != 0) return;
        listen();
    }
}

/// Before anything can be sent. Returns when to come again.
X32Session::Time X32Names::take_address()
{
    const auto now = X32Session::Clock::now();
    if (!lookup_.is_under_way()) {
        if (now < look_up_at_) return look_up_at_;
        lookup_.start();
        look_up_at_ = now + look_up_again;
    }
    if (const auto answer = lookup_.take()) {
        address_ = answer->address;
        if (address_) return now;
        const std::lock_guard lock(mutex_);
        session_.cannot_reach(answer->why_not);
        return look_up_at_;
    }
    return now + look_whether_found;
}

/// Sends what is due. Returns when to come again.
X32Session::Time X32Names::speak()
{
    X32Session::Due due;
    {
        const std::lock_guard lock(mutex_);
        due = session_.due(X32Session::Clock::now());
        if (session_.settled()) settled_.notify_all();
    }
    for (const std::string& question : due.questions) {
        if (send(question)) continue;
        const char* why = std::strerror(errno);
        const std::lock_guard lock(mutex_);
        session_.cannot_reach(why);
        break; // the rest is asked again, as what was lost on its way is
    }
    return due.again;
}

bool X32Names::send(const std::string& question)
{
    const std::vector<std::uint8_t> packet = osc_question(question);
    return sendto(socket_.fd, packet.data(), packet.size(), 0,
                  reinterpret_cast<const sockaddr*>(&*address_), sizeof *address_) >= 0;
}

void X32Names::listen()
{
    std::array<std::uint8_t, longest_packet> packet;
    for (int i = 0; i < most_packets_at_once; i++) {
        sockaddr_in from{};
        socklen_t length = sizeof from;
        const ssize_t size = recvfrom(socket_.fd, packet.data(), packet.size(), MSG_TRUNC,
                                      reinterpret_cast<sockaddr*>(&from), &length);
        if (size < 0) return; // nothing more
        const auto message = static_cast<std::size_t>(size) <= packet.size()
                                 ? read_osc({packet.data(), static_cast<std::size_t>(size)})
                                 : std::nullopt;
        const std::lock_guard lock(mutex_);
        if (!address_ || !is_same(from, *address_))
            session_.hear_foreign();
        else if (!message)
            session_.hear_malformed();
        else
            session_.hear(*message, X32Session::Clock::now());
    }
}

bool X32Names::wait_names(std::chrono::milliseconds timeout)
{
    std::unique_lock lock(mutex_);
    const bool settled = settled_.wait_for(lock, timeout, [this] { return session_.settled(); });
    session_.settle_for_now();
    return settled;
}

std::vector<TrackName> X32Names::names() const
{
    const std::lock_guard lock(mutex_);
    return session_.tracks();
}

std::vector<X32Names::StripName> X32Names::strips() const
{
    const std::lock_guard lock(mutex_);
    std::vector<StripName> strips;
    if (session_.tracks().empty()) return strips;
    for (const Strip strip : all_strips())
        strips.push_back(
            {strip, session_.book().given_name(strip), session_.book().colour(strip)});
    return strips;
}

X32Console X32Names::console() const
{
    const std::lock_guard lock(mutex_);
    return session_.console();
}

X32Counters X32Names::counters() const
{
    const std::lock_guard lock(mutex_);
    return session_.counters();
}

bool X32Names::in_contact() const
{
    const std::lock_guard lock(mutex_);
    return session_.in_contact();
}

std::optional<Rename> X32Names::poll()
{
    const std::lock_guard lock(mutex_);
    return session_.take_rename();
}

std::optional<std::string> X32Names::poll_remark()
{
    const std::lock_guard lock(mutex_);
    return session_.take_remark();
}

} // namespace asiowire
