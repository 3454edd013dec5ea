// SPDX-License-Identifier: MIT

#include "tools/asiowire/x32.hpp"

#include <cstdio>
#include <poll.h>
#include <thread>
#include <unistd.h>

namespace asiowire {

namespace {

using namespace std::chrono_literals;

/// Every console in reach answers in a fraction of it.
constexpr auto patience = 4s;
constexpr auto look_every = 50ms;

void say_remarks(X32Names& console)
{
    while (const auto remark = console.poll_remark())
        std::fprintf(stderr, "asiowire: %s\n", remark->c_str());
}

/// Whoever read our lines has gone: the other end of a pipe says so before the next line is written.
bool is_read()
{
    pollfd out{STDOUT_FILENO, 0, 0};
    return std::ferror(stdout) == 0 && (::poll(&out, 1, 0) <= 0 || (out.revents & POLLERR) == 0);
}

} // namespace

std::optional<X32Options> X32Options::of(const std::vector<std::string_view>& words)
{
    X32Options options;
    for (const std::string_view word : words) {
        if (word == "--json")
            options.json = true;
        else if (word == "--watch")
            options.watch = true;
        else if (!word.starts_with('-') && options.host.empty())
            options.host = word;
        else
            return std::nullopt;
    }
    if (options.host.empty()) return std::nullopt;
    return options;
}

bool show_x32(const X32Options& options)
{
    const auto connected = X32Names::connect(options.host);
    if (!connected) {
        std::fprintf(stderr, "asiowire: %s\n", connected.error().c_str());
        return false;
    }
    X32Names& console = **connected;
    const bool complete = console.wait_names(patience);
    const bool any = !console.names().empty();
    if (any || options.json)
        std::fputs((options.json ? x32_json(console) : x32_table(console)).c_str(), stdout);
    std::fflush(stdout);
    say_remarks(console);
    if (any && !complete)
        std::fputs("asiowire: the console has not answered everything yet\n", stderr);

    while (options.watch && is_read()) {
        while (const auto rename = console.poll())
            std::fputs(rename_line(*rename, options.json).c_str(), stdout);
        std::fflush(stdout);
        say_remarks(console);
        std::this_thread::sleep_for(look_every);
    }
    return complete;
}

} // namespace asiowire
