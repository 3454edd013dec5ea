// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/status_folder.hpp"
#include "tests/engine/native_host.hpp"

#include <vector>

namespace engine_test {

using asiowire::find_pages;
using asiowire::FoundPage;
using asiowire::PageFacts;
using asiowire::PageState;

inline constexpr Frames block = 1024; // 21 ms, so that only what is meant to be late is

struct Counted {
    std::uint64_t cycles = 0;
    std::uint64_t blocks = 0;
    std::uint64_t gaps = 0;
    std::uint64_t overruns = 0;
    std::uint64_t ours = 0;
    std::uint64_t device = 0;
    std::uint64_t woken_late = 0;
};

inline Counted counted(const FoundPage& found)
{
    const asiowire::PageCounters& c = found.page->counters;
    return {c.cycles, c.blocks, c.gaps, c.overruns, c.xruns_ours, c.xruns_device, c.woken_late};
}

/// Of all engines here.
inline std::vector<FoundPage> pages()
{
    return find_pages(asiowire::status_folder());
}

inline bool sleeps_at_the_tenth_block(Host& host, const Block&)
{
    if (host.blocks == 10) std::this_thread::sleep_for(milliseconds(70));
    return true;
}

struct Run {
    bool played = false;
    Counted running; // before stop
    Counted stopped;
    Engine::Status status;
    std::uint64_t own_p50_ns = 0;
    std::uint64_t host_max_ns = 0;
    std::uint64_t wake_p50_ns = 0;
    PageFacts facts; // while running
    PageState after = PageState::lost;
};

inline Run run_once(Host::Hook hook, const char* schedule)
{
    Run run;
    std::string message;
    use_devices("sink-8", "sink-8");
    setenv("ASIOWIRE_SCHEDULE", schedule, 1);
    if (const auto engine = open_engine(message)) {
        Host host(*engine, {.block = block, .inputs = 0x7, .outputs = 0xf});
        host.hook = hook;
        run.played = host.start() == Status::ok && host.wait_for_blocks(40);
        const auto found = pages();
        if (found.size() == 1) {
            run.facts = found[0].facts();
            run.running = counted(found[0]);
            host.stop();
            run.stopped = counted(found[0]);
            run.own_p50_ns = found[0].page->own.percentile(0.5);
            run.host_max_ns = found[0].page->host.percentile(1.0);
            run.wake_p50_ns = found[0].page->wake.percentile(0.5);
            run.after = found[0].facts().state;
        }
        host.stop();
        run.status = engine->status(0);
    }
    unsetenv("ASIOWIRE_SCHEDULE");
    use_devices(nullptr, nullptr);
    return run;
}

/// A run in which nobody was late but the host that was told to; when even that cannot be had, the
/// machine's own lateness has been printed.
inline Run quiet_run(Host::Hook hook, std::uint64_t lateness, const char* schedule = "synchronous")
{
    return fairly([&] { return run_once(hook, schedule); },
                  [&](const Run& run) {
                      return run.played && run.stopped.gaps + run.stopped.overruns == lateness;
                  },
                  lateness);
}

} // namespace engine_test
