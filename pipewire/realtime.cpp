// SPDX-License-Identifier: MIT

#include "pipewire/realtime.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

namespace asiowire {

namespace {

constexpr int usual_priority = 15; // below what rtkit gives at most, 20
constexpr int usual_daemon = 88;   // rt.prio of PipeWire's own configuration

bool try_broker(Broker broker, Scheduling::Way way, int priority, RealtimeSystem& system,
                Scheduling& got)
{
    const Result<int> given = system.ask(broker, priority);
    if (!given) return false;
    got.way = way;
    got.priority = *given;
    return true;
}

std::string number(const char* before, int value)
{
    return before + std::to_string(value);
}

} // namespace

int priority_to_ask(const RealtimeWish& wish, int daemon)
{
    if (wish.mode == Realtime::off) return 0;
    if (wish.priority > 0) return wish.priority;
    if (daemon == 0) return wish.mode == Realtime::on ? usual_priority : 0;
    return std::min(usual_priority, (daemon < 0 ? usual_daemon : daemon) - 1);
}

Scheduling obtain(const RealtimeWish& wish, int daemon, RealtimeSystem& system)
{
    Scheduling got{.daemon_priority = daemon};
    if (!wish.processors.empty() && system.bind(wish.processors))
        got.processors = static_cast<int>(wish.processors.size());
    const int asked = priority_to_ask(wish, daemon);
    int error = 0;
    if (asked > 0) {
        error = system.fifo(asked);
        int priority = asked;
        if (error == EPERM && (priority = std::min(asked, system.limit())) > 0)
            error = system.fifo(priority);
        if (error == 0) {
            got.way = Scheduling::Way::limit;
            got.priority = priority;
        } else if (!try_broker(Broker::portal, Scheduling::Way::portal, asked, system, got)) {
            try_broker(Broker::rtkit, Scheduling::Way::rtkit, asked, system, got);
        }
    }
    std::string& story = got.story;
    switch (got.way) {
    case Scheduling::Way::limit:
        story = number("SCHED_FIFO priority ", got.priority);
        break;
    case Scheduling::Way::portal:
        story = number("SCHED_FIFO priority ", got.priority) + " from the Realtime portal";
        break;
    case Scheduling::Way::rtkit:
        story = number("SCHED_FIFO priority ", got.priority) + " from RealtimeKit";
        break;
    case Scheduling::Way::ordinary:
        story = "ordinary scheduling, ";
        if (wish.mode == Realtime::off)
            story += "as asked";
        else if (asked == 0)
            story += "as the daemon's";
        else
            story += number("because real-time priority ", asked) + " was refused (" +
                     std::strerror(error) + "); raise RLIMIT_RTPRIO for your user";
    }
    if (got.priority > 0 && daemon > 0)
        story += number(
            got.priority < daemon ? ", below the daemon's " : ", NOT below the daemon's ", daemon);
    if (!wish.processors.empty())
        story += got.processors > 0 ? number("; processors bound to: ", got.processors)
                                    : std::string("; the processors asked for were refused");
    return got;
}

std::vector<int> processor_list(const std::string& text)
{
    constexpr int most = 1024; // CPU_SETSIZE
    std::vector<int> all;
    const auto number_at = [&](std::size_t& at) {
        int value = -1;
        const auto [end, error] =
            std::from_chars(text.data() + at, text.data() + text.size(), value);
        at = static_cast<std::size_t>(end - text.data());
        return error == std::errc() && value >= 0 && value < most ? value : -1;
    };
    for (std::size_t at = 0;; at++) {
        const int first = number_at(at);
        int last = first;
        if (first >= 0 && at < text.size() && text[at] == '-') last = number_at(++at);
        if (first < 0 || last < first) return {};
        for (int processor = first; processor <= last; processor++)
            if (std::ranges::find(all, processor) == all.end()) all.push_back(processor);
        if (at == text.size()) return all;
        if (text[at] != ',') return {};
    }
}

} // namespace asiowire
