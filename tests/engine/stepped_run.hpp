// SPDX-License-Identifier: MIT
#pragma once

#include "tests/engine/fifo_model.hpp"
#include "tests/engine/page_reading.hpp"

#include <string>
#include <thread>
#include <vector>

namespace engine_test {

/// What a host got and what it was told, while a stepped driver turned chosen cycles.
struct SteppedRun {
    struct Told {
        Frames delay = 0;
        Frames budget = 0;
        Frames output_latency = 0;
    };

    Status started = Status::system_error;
    bool whole = false; // every step was a whole cycle, of the quantum it should have
    bool disturbed =
        false; // the machine left the graph alone for so long that it counts as stopped
    std::vector<SteppedDriver::Turned> cycles;                     // those in which the host ran
    std::vector<Told> told;                                        // [step], after it
    std::vector<std::uint64_t> positions;                          // [block]
    std::array<std::vector<float>, SteppedDriver::channels> heard; // by the host
    Counted counted;
    Engine::Status status;
};

namespace stepped {

inline SteppedRun* listening = nullptr; // what the hook fills
inline std::atomic<int> sleep_ms{0};    // of the host, in its next block

inline bool listen(Host& host, const Block& block)
{
    const auto frames = static_cast<std::ptrdiff_t>(host.block_frames());
    listening->positions.push_back(block.position);
    for (std::size_t c = 0; c < SteppedDriver::channels; c++) {
        const auto* const in = reinterpret_cast<const float*>(host.buffers().input(c, block.half));
        listening->heard[c].insert(listening->heard[c].end(), in, in + frames);
    }
    std::this_thread::sleep_for(milliseconds(sleep_ms.exchange(0)));
    return true;
}

/// Turns cycles and notes them; when the caretaker may have taken the graph for stopped, the run is
/// of no use.
class Turner {
public:
    Turner(SteppedDriver& driver, SteppedRun& run) : driver_(driver), run_(run) {}

    bool turn(const Step& step, milliseconds patience = std::chrono::seconds(1))
    {
        if (!driver_.step(step, patience)) return false;
        run_.cycles.push_back(std::move(driver_.turned()));
        return run_.cycles.back().as_told;
    }

    /// The clock by which a pause is too long begins here, or goes on.
    void watch(bool from_now = false)
    {
        constexpr milliseconds too_long(80); // 100 are a graph that stands still
        const auto now = std::chrono::steady_clock::now();
        if (!from_now && now - last_ > too_long) run_.disturbed = true;
        last_ = now;
    }

private:
    SteppedDriver& driver_;
    SteppedRun& run_;
    std::chrono::steady_clock::time_point last_;
};

/// The buffered schedule's host has its own thread; its blocks are done before the next cycle
/// begins.
inline void wait_for_host(const Host& host)
{
    if (host.engine().settings().schedule != asiowire::Schedule::buffered) return;
    host.wait_for_blocks(host.engine().status(0).blocks, milliseconds(60));
    std::this_thread::sleep_for(milliseconds(1)); // and it goes back for the next one
}

inline void play(Engine& engine, Frames block, const std::vector<Step>& steps, SteppedRun& run,
                 SteppedDriver& driver)
{
    Host host(engine, {.block = block, .inputs = 0x7, .outputs = 0x7});
    host.hook = listen;
    listening = &run;
    Turner turner(driver, run);
    std::atomic<bool> ready{false};
    std::thread starter([&] {
        run.started = host.start();
        ready = true;
    });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!ready || (run.started == Status::ok && engine.status(0).cycles < 3)) {
        turner.watch(true);
        turner.turn(steps.front(), milliseconds(30));
        wait_for_host(host);
        std::this_thread::sleep_for(milliseconds(1)); // for those who join the graph
        if (std::chrono::steady_clock::now() > deadline) break;
    }
    starter.join();
    run.whole = run.started == Status::ok;
    for (const Step& step : steps) {
        run.whole &= turner.turn(step);
        wait_for_host(host);
        turner.watch();
        const Engine::Status now = engine.status(0);
        run.told.push_back({now.fifo_delay, now.budget, now.output_latency});
        if (!run.whole) break;
    }
    run.status = engine.status(0);
    const auto found = pages();
    host.stop(); // from then on the page's file has it all, also on a disk
    if (found.size() == 1) run.counted = counted(found[0]);
    const std::uint64_t before = run.cycles.size() - std::min(run.cycles.size(), run.status.cycles);
    run.cycles.erase(run.cycles.begin(), run.cycles.begin() + static_cast<std::ptrdiff_t>(before));
}

} // namespace stepped

/// Plays the steps to a host with blocks of so many frames; cycles like the first step come before.
inline SteppedRun run_steps(Frames host_block, const char* schedule, const std::vector<Step>& steps)
{
    SteppedRun run;
    std::string message;
    SteppedDriver driver;
    use_devices(SteppedDriver::name, SteppedDriver::name);
    setenv("ASIOWIRE_SCHEDULE", schedule, 1);
    setenv("ASIOWIRE_WATCHDOG_MS", "0", 1);
    if (const auto engine = open_engine(message))
        stepped::play(*engine, host_block, steps, run, driver);
    unsetenv("ASIOWIRE_WATCHDOG_MS");
    unsetenv("ASIOWIRE_SCHEDULE");
    use_devices(nullptr, nullptr);
    if (run.disturbed) machine_lateness++;
    return run;
}

/// What of a run is not as the model says; empty when all is.
inline std::string compare_with_model(Frames host_block, bool buffered, const SteppedRun& run,
                                      FifoModel& model)
{
    const auto say = [](const std::string& what, auto is, auto should) {
        return what + " is " + std::to_string(is) + ", should be " + std::to_string(should);
    };
    if (run.started != Status::ok) return say("start", static_cast<int>(run.started), 0);
    if (!run.whole)
        return "step " + std::to_string(run.told.size()) + " was no cycle as it should be";
    if (run.cycles.size() < run.told.size())
        return say("cycles", run.cycles.size(), run.told.size());
    const std::size_t first_step = run.cycles.size() - run.told.size();
    for (std::size_t i = 0; i < run.cycles.size(); i++) {
        const SteppedDriver::Turned& cycle = run.cycles[i];
        const std::size_t from = model.played.size();
        model.turn(cycle);
        if (!cycle.linked)
            return "cycle " + std::to_string(i) + " brought no sound from every port";
        for (std::size_t c = 0; c < SteppedDriver::channels; c++)
            for (std::size_t f = 0; f < cycle.step.quantum; f++) {
                const FifoModel::Played frame = model.played[from + f];
                const float should = frame ? sample(*frame, c) : 0.0f;
                if (cycle.got[c][f] != should)
                    return say("cycle " + std::to_string(i) + ", channel " + std::to_string(c) +
                                   ", frame " + std::to_string(f) + " at quantum " +
                                   std::to_string(cycle.step.quantum),
                               cycle.got[c][f], should);
            }
        if (i < first_step) continue;
        const SteppedRun::Told& told = run.told[i - first_step];
        if (told.delay != model.delay) return say("reported delay", told.delay, model.delay);
        if (told.budget != model.budget) return say("reported budget", told.budget, model.budget);
        if (told.output_latency != model.delay + model.budget)
            return say("reported latency", told.output_latency, model.delay + model.budget);
    }
    if (model.dry) return "the model ran out of frames";
    if (run.positions != model.positions) return "a block's position is wrong";
    const std::uint64_t first = run.cycles.front().first_frame;
    for (std::size_t c = 0; c < SteppedDriver::channels; c++) {
        if (run.heard[c].size() != model.positions.size() * host_block)
            return say("frames heard", run.heard[c].size(), model.positions.size() * host_block);
        for (std::size_t f = 0; f < run.heard[c].size(); f++)
            if (run.heard[c][f] != sample(first + f, c))
                return say("input frame " + std::to_string(f), run.heard[c][f],
                           sample(first + f, c));
    }
    if (run.counted.gaps != model.counters.gaps)
        return say("gaps", run.counted.gaps, model.counters.gaps);
    if (run.counted.device != model.counters.device)
        return say("the device's xruns", run.counted.device, model.counters.device);
    if (run.counted.ours != 0) return say("our xruns", run.counted.ours, 0);
    if (run.counted.woken_late + run.counted.overruns != 0)
        return say("late cycles", run.counted.woken_late + run.counted.overruns, 0);
    if (run.status.late != 0) return say("late blocks", run.status.late, 0);
    // As heard at the end: the last frame that the driver got, and when the host got that frame's
    // turn.
    const auto last = static_cast<std::uint64_t>(run.cycles.back().got[0].back());
    const std::uint64_t number = (last - 1) / 64;
    const std::uint64_t heard = (model.played.size() - 1 + 262'000 - number) % 262'000;
    if (last == 0) return "the end is silent";
    if (heard != run.told.back().output_latency)
        return say("latency as heard", heard, run.told.back().output_latency);
    if (buffered != (run.told.back().budget > 0)) return "the schedule is another";
    return {};
}

} // namespace engine_test
