// SPDX-License-Identifier: MIT
#include "hooks/runner/client.hpp"

#include <array>
#include <cerrno>
#include <sys/socket.h>

namespace asiowire::hooks {

namespace {

constexpr std::size_t longest_question = 65536;
constexpr std::size_t most_waiting = 1u << 20; // bytes of a log

} // namespace

std::optional<std::vector<std::string>> Client::question()
{
    if (asked_ || !socket_) return std::nullopt;
    std::array<char, 4096> bytes;
    const ssize_t got = recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (got <= 0 || in_.size() > longest_question) {
        socket_.reset();
        return std::nullopt;
    }
    in_.append(bytes.data(), static_cast<std::size_t>(got));
    const std::size_t end = in_.find('\n');
    if (end == std::string::npos) return std::nullopt;
    asked_ = true;
    std::vector<std::string> words(1);
    for (const char c : in_.substr(0, end)) {
        if (c == '\t')
            words.emplace_back();
        else
            words.back() += c;
    }
    return words;
}

void Client::answer(bool well, std::string_view text)
{
    out_ += well ? "ok\n" : "failed\n";
    out_ += text;
    if (!text.empty() && text.back() != '\n') out_ += '\n';
    answered_ = true;
}

void Client::follow(LogBook& book, bool json)
{
    out_ += "ok\n";
    follows_ = true;
    json_ = json;
    next_ = book.entries().empty() ? book.next() : book.entries().front().number;
    book.listeners(1);
}

void Client::turn(LogBook& book)
{
    if (!socket_) return;
    if (follows_) refill(book);
    while (!out_.empty()) {
        const ssize_t sent =
            send(socket_.get(), out_.data(), out_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (sent < 0) return leave(book);
        out_.erase(0, static_cast<std::size_t>(sent));
    }
    if (answered_) return leave(book);
    if (!follows_) return;
    char ignored = 0;
    if (recv(socket_.get(), &ignored, 1, MSG_DONTWAIT | MSG_PEEK) == 0) leave(book);
}

void Client::refill(const LogBook& book)
{
    const auto& entries = book.entries();
    if (entries.empty()) return;
    const std::uint64_t first = entries.front().number;
    if (next_ < first) {
        const std::uint64_t missed = first - next_;
        out_ += json_ ? JsonObject().text("kind", "missed").count("lines", missed).done() + "\n"
                      : "(" + std::to_string(missed) + " lines came too fast)\n";
        next_ = first;
    }
    for (; next_ < book.next() && out_.size() < most_waiting; next_++) {
        const LogBook::Entry& entry = entries[static_cast<std::size_t>(next_ - first)];
        out_ += (json_ ? entry.json : entry.text) + "\n";
    }
}

void Client::leave(LogBook& book)
{
    if (follows_) book.listeners(-1);
    follows_ = false;
    socket_.reset();
}

void Client::wait_for(std::vector<pollfd>& polls) const
{
    if (!socket_) return;
    // What it says after its question is nobody's business; of a log's reader the end is.
    const int in = asked_ && !follows_ ? 0 : POLLIN;
    const int out = out_.empty() ? 0 : POLLOUT;
    polls.push_back({socket_.get(), static_cast<short>(in | out), 0});
}

} // namespace asiowire::hooks
