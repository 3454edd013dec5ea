// SPDX-License-Identifier: MIT
#include "tools/hook_runner/try_hook.hpp"

#include "hooks/runner/slot.hpp"

#include <cstdio>

namespace asiowire {

using namespace hooks;

namespace {

void print(const LogBook& book, std::uint64_t& next, bool json)
{
    for (const LogBook::Entry& entry : book.entries()) {
        if (entry.number < next) continue;
        std::printf("%s\n", (json ? entry.json : entry.text).c_str());
        next = entry.number + 1;
    }
    std::fflush(stdout);
}

} // namespace

bool try_hook(HookSpec spec, const Workshop& workshop, const std::string& file, bool json)
{
    LogBook book;
    if (json) book.listeners(1);
    const Feed feed = {1, "wav:" + file, file, Fd(), true};
    Slot slot(std::move(spec), workshop, book);
    std::uint64_t next = 0;
    for (;;) {
        slot.turn(&feed);
        print(book, next, json);
        const bool heard = slot.heard() == feed.number;
        if (heard || slot.faults() > 0 || slot.settled(&feed) == std::optional(false)) break;
        std::vector<pollfd> polls;
        slot.wait_for(polls);
        poll(polls.data(), polls.size(), 50);
    }
    const bool well = slot.heard() == feed.number && slot.faults() == 0;
    if (well && !json) std::fputs(slot.results().as_table().c_str(), stdout);
    const std::string& why = slot.faults() > 0 ? slot.last_fault() : slot.message();
    if (!well) std::fprintf(stderr, "asiowire: %s\n", why.c_str());
    return well;
}

} // namespace asiowire
