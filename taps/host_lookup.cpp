// SPDX-License-Identifier: MIT

#include "taps/host_lookup.hpp"

#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <system_error>
#include <thread>
#include <utility>

namespace asiowire {

namespace {

HostLookup::Answer look_up(const std::string& host, std::uint16_t port)
{
    addrinfo wanted{};
    wanted.ai_family = AF_INET; // the consoles speak no other
    wanted.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(host.c_str(), nullptr, &wanted, &found); error != 0)
        return {.address = std::nullopt,
                .why_not = error == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(error)};
    sockaddr_in address{};
    std::memcpy(&address, found->ai_addr, sizeof address);
    address.sin_port = htons(port);
    freeaddrinfo(found);
    return {.address = address, .why_not = {}};
}

} // namespace

HostLookup::HostLookup(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port)
{
}

void HostLookup::start()
{
    slot_ = std::make_shared<Slot>();
    try {
        std::thread([slot = slot_, host = host_, port = port_] {
            Answer answer = look_up(host, port);
            const std::lock_guard lock(slot->mutex);
            slot->answer = std::move(answer);
        }).detach();
    } catch (const std::system_error& error) { // no thread to be had
        slot_->answer = Answer{.address = std::nullopt, .why_not = error.what()};
    }
}

std::optional<HostLookup::Answer> HostLookup::take()
{
    if (!slot_) return std::nullopt;
    std::optional<Answer> answer;
    {
        const std::lock_guard lock(slot_->mutex);
        answer = std::move(slot_->answer);
    }
    if (answer) slot_.reset();
    return answer;
}

} // namespace asiowire
