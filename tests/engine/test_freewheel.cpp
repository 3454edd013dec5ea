// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"

#include "core/reblock.hpp"
#include "tests/engine/notices.hpp"
#include "tests/engine/own_daemon.hpp"
#include "tests/engine/page_reading.hpp"

#include <cinttypes>
#include <cstdio>

#include "tests/cmocka.hpp"

// A graph that runs free, as fast as the processor allows: no clock on the wall decides what is
// heard. Only PipeWire 0.3.65 begins the next cycle all the same when one takes longer than its
// frames would last; that shows as a gap. From PipeWire 1.4 a node that joins in the middle of a
// cycle is waited for in that cycle without having been called (docs/findings.md): a freewheeling
// graph stops then until freewheel.wait is over. A run that never began is begun again, and says so.

using namespace engine_test;

namespace {

/// An engine opened while it lives joins the daemon's own freewheeling driver, as PipeWire lets a
/// user put any node there. The daemon is an ordinary process and so is our thread: nothing with a
/// priority may run as fast as it can.
class Freewheeling {
public:
    Freewheeling()
    {
        setenv("PIPEWIRE_PROPS", "{ node.group = pipewire.freewheel }", 1);
        setenv("ASIOWIRE_RT_PRIORITY", "0", 1);
        use_devices("sink-32", "sink-32");
    }
    ~Freewheeling()
    {
        use_devices(nullptr, nullptr);
        unsetenv("ASIOWIRE_RT_PRIORITY");
        unsetenv("PIPEWIRE_PROPS");
    }
    Freewheeling(const Freewheeling&) = delete;
    Freewheeling& operator=(const Freewheeling&) = delete;

private:
    // The highest priority drives whoever is linked together; by itself that would be the sink. The
    // rate is for the impatience of 0.3 alone: it makes 16 frames last 16 ms.
    OwnDaemon daemon_{
        std::string("s/priority.driver = 19000/priority.driver = 90000/;"
                    "s/node.freewheel = true/node.freewheel = true freewheel.wait = 1/") +
        (pw_get_library_version()[0] == '0' ? ";s/48000/1000/g" : "")};
};

enum class End { complete, stands_still, too_slow };

/// Waits for so many blocks.
End hear_out(const Host& host, std::uint64_t blocks)
{
    for (int i = 0; i < 2000; i++) {
        const bool done = host.wait_for_blocks(blocks, milliseconds(10));
        const auto found = pages();
        if (found.size() == 1 && found[0].facts().state == PageState::stalled)
            return End::stands_still;
        if (done) return End::complete;
    }
    return End::too_slow;
}

struct Heard {
    Status status = Status::system_error;
    End end = End::too_slow;
    Ear all;
    std::uint64_t jumps = 0;
    double seconds = 0;
    Engine::Status engine;
};

Heard run_once(const Host::Shape& shape, std::uint64_t frames, Host::Hook hook)
{
    Heard heard;
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return heard;
    Host host(*engine, shape);
    host.hook = hook;
    const auto begin = std::chrono::steady_clock::now();
    heard.status = host.start();
    heard.end = hear_out(host, frames / shape.block + 1);
    heard.engine = engine->status(0);
    host.stop();
    const std::chrono::duration<double> lasted = std::chrono::steady_clock::now() - begin;
    heard.seconds = lasted.count();
    heard.jumps = host.jumps;
    heard.all = host.heard();
    return heard;
}

int joins_that_stopped_the_graph = 0;

Heard run(const Host::Shape& shape, std::uint64_t frames, Host::Hook hook = nullptr)
{
    for (int joins_left = 20;; joins_left--) {
        const Heard heard = run_once(shape, frames, hook);
        if (heard.all.compared != 0 || heard.end == End::too_slow || joins_left == 0) return heard;
        if (heard.end == End::stands_still)
            joins_that_stopped_the_graph++;
        else
            std::printf("# repeated, as all was over before the sink had joined\n");
        std::this_thread::sleep_for(milliseconds(50)); // what has nobody to drive ends
    }
}

/// What is wrong with a synchronous run at a quantum that was forced.
std::string complaint(Frames block, Frames forced, std::uint64_t frames, const Heard& heard)
{
    const auto say = [&](const char* what, std::int64_t value) {
        return "block " + std::to_string(block) + ", quantum " + std::to_string(forced) + ": " +
               what + " " + std::to_string(value);
    };
    if (heard.status != Status::ok) return say("start gave", static_cast<int>(heard.status));
    if (heard.end == End::stands_still)
        return say("stands still after samples", std::int64_t(heard.all.compared));
    if (heard.end == End::too_slow) return say("too slow, samples", std::int64_t(heard.all.compared));
    if (heard.engine.quantum != forced) return say("the graph is at", heard.engine.quantum);
    const Frames delay = asiowire::fifo_delay(block, forced);
    if (heard.engine.fifo_delay != delay) return say("reported delay", heard.engine.fifo_delay);
    if (heard.all.wrong != 0) return say("wrong samples", std::int64_t(heard.all.wrong));
    if (heard.all.round_trip != std::int64_t{forced} + delay)
        return say("round trip", heard.all.round_trip);
    if (heard.all.compared + 32 * (16'384 + block) < 32 * frames)
        return say("compared only", std::int64_t(heard.all.compared));
    if (heard.jumps != 0) return say("positions that jump", std::int64_t(heard.jumps));
    if (heard.engine.gaps != 0) return say("gaps", std::int64_t(heard.engine.gaps));
    if (heard.engine.overruns != 0) return say("overruns", std::int64_t(heard.engine.overruns));
    return {};
}

/// PipeWire before 0.3.82 knows powers of two only.
bool keeps_odd_quanta()
{
    int major = 0;
    int minor = 0;
    int micro = 0;
    const int read = std::sscanf(pw_get_library_version(), "%d.%d.%d", &major, &minor, &micro);
    return read == 3 && (major > 0 || minor > 3 || micro >= 82);
}

/// Every quantum with one block; the first complaint.
std::string sweep_quanta(Frames block)
{
    constexpr std::uint64_t frames = 30'000;
    const Freewheeling freewheeling;
    std::uint64_t compared = 0;
    std::uint64_t cycles = 0;
    double seconds = 0;
    joins_that_stopped_the_graph = 0;
    for (const Frames quantum :
         {16u, 32u, 64u, 128u, 256u, 512u, 1024u, 2048u, 441u, 480u, 1000u}) {
        if (!std::has_single_bit(quantum) && !keeps_odd_quanta()) continue;
        if (!set_graph("clock.force-quantum", quantum)) return "no metadata";
        const auto complaint_of = [&](const Heard& heard) {
            return complaint(block, quantum, frames, heard);
        };
        const Heard heard = fairly([&] { return run({.block = block}, frames); },
                                   [&](const Heard& h) { return complaint_of(h).empty(); });
        if (const std::string found = complaint_of(heard); !found.empty()) return found;
        compared += heard.all.compared;
        cycles += heard.engine.cycles;
        seconds += heard.seconds;
    }
    std::printf("# block %u: %" PRIu64 " samples compared in %" PRIu64 " cycles, %.1f s; joins that "
                "stopped the graph: %d\n",
                block, compared, cycles, seconds, joins_that_stopped_the_graph);
    return {};
}

void check_block(Frames block)
{
    char text[128] = "";
    sweep_quanta(block).copy(text, sizeof text - 1);
    assert_string_equal(text, "");
}

void blocks_of_16_frames_are_bit_exact_at_every_quantum(void**)
{
    check_block(16);
}
void blocks_of_64_frames_are_bit_exact_at_every_quantum(void**)
{
    check_block(64);
}
void blocks_of_256_frames_are_bit_exact_at_every_quantum(void**)
{
    check_block(256);
}
void blocks_of_441_frames_are_bit_exact_at_every_quantum(void**)
{
    check_block(441);
}
void blocks_of_480_frames_are_bit_exact_at_every_quantum(void**)
{
    check_block(480);
}
void blocks_of_1000_frames_are_bit_exact_at_every_quantum(void**)
{
    check_block(1000);
}
void blocks_of_1024_frames_are_bit_exact_at_every_quantum(void**)
{
    check_block(1024);
}
void blocks_of_2048_frames_are_bit_exact_at_every_quantum(void**)
{
    check_block(2048);
}
void blocks_of_8192_frames_are_bit_exact_at_every_quantum(void**)
{
    check_block(8192);
}

bool dawdles_at_the_tenth_block(Host& host, const Block&)
{
    if (host.blocks == 10)
        std::this_thread::sleep_for(milliseconds(90)); // a block lasts 64, or 1.3
    return true;
}

Heard run_with_a_slow_host()
{
    const Freewheeling freewheeling;
    return run({.block = 64}, 6'400, dawdles_at_the_tenth_block);
}

void a_host_that_takes_its_time_overruns_nothing(void**)
{
    const Heard heard = run_with_a_slow_host();
    assert_true(heard.end == End::complete);
    assert_int_equal(heard.engine.overruns, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_16_frames_are_bit_exact_at_every_quantum),
        cmocka_unit_test(blocks_of_64_frames_are_bit_exact_at_every_quantum),
        cmocka_unit_test(blocks_of_256_frames_are_bit_exact_at_every_quantum),
        cmocka_unit_test(blocks_of_441_frames_are_bit_exact_at_every_quantum),
        cmocka_unit_test(blocks_of_480_frames_are_bit_exact_at_every_quantum),
        cmocka_unit_test(blocks_of_1000_frames_are_bit_exact_at_every_quantum),
        cmocka_unit_test(blocks_of_1024_frames_are_bit_exact_at_every_quantum),
        cmocka_unit_test(blocks_of_2048_frames_are_bit_exact_at_every_quantum),
        cmocka_unit_test(blocks_of_8192_frames_are_bit_exact_at_every_quantum),
        cmocka_unit_test(a_host_that_takes_its_time_overruns_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
