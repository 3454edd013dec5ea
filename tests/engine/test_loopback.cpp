// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"

#include "core/reblock.hpp"

#include <bit>

#include "tests/cmocka.hpp"

// Counter samples out to the 32-channel null sink and back through its monitor, sample for sample.

using namespace engine_test;

namespace {

constexpr std::uint64_t all_32 = 0xffff'ffff;

struct Heard {
    Status status = Status::system_error;
    bool in_time = false;
    std::int64_t round_trip = -1;
    std::uint64_t compared = 0;
    std::uint64_t wrong = 0;
    std::uint64_t silent_wrong = 0; // inputs that should be silent and are not
    std::uint64_t jumps = 0;
    double seconds = 0;
    Engine::Status engine;
};

Heard run(const Host::Shape& shape, std::uint64_t frames)
{
    Heard heard;
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return heard;
    Host host(*engine, shape);
    heard.status = host.start();
    const auto begin = std::chrono::steady_clock::now();
    heard.in_time = host.wait_for_blocks(frames / shape.block + 1);
    const std::chrono::duration<double> lasted = std::chrono::steady_clock::now() - begin;
    heard.seconds = lasted.count();
    heard.engine = engine->status(0);
    host.stop();
    heard.jumps = host.jumps;
    const Ear all = host.heard();
    heard.compared = all.compared;
    heard.wrong = all.wrong;
    heard.round_trip = all.round_trip;
    return heard;
}

/// What is wrong with a run in which every input hears its own output.
std::string complaint(const Host::Shape& shape, const Heard& heard)
{
    const auto say = [&](const char* what, std::int64_t value) {
        return "block " + std::to_string(shape.block) + ": " + what + " " + std::to_string(value);
    };
    if (heard.status != Status::ok) return say("start gave", static_cast<int>(heard.status));
    if (!heard.in_time) return say("too slow, frames", static_cast<std::int64_t>(heard.compared));
    const Frames quantum = heard.engine.quantum;
    const Frames delay = asiowire::fifo_delay(shape.block, quantum);
    if (std::has_single_bit(shape.block) && quantum != shape.block) // every PipeWire can do these
        return say("the graph does not follow, quantum", quantum);
    if (heard.wrong != 0) return say("wrong samples", static_cast<std::int64_t>(heard.wrong));
    if (heard.jumps != 0) return say("positions that jump", static_cast<std::int64_t>(heard.jumps));
    if (heard.engine.fifo_delay != delay) return say("reported delay", heard.engine.fifo_delay);
    if (heard.round_trip != std::int64_t{quantum} + delay)
        return say("round trip", heard.round_trip) + " at quantum " + std::to_string(quantum);
    // That the quantum is what the engine says, by the clock on the wall.
    const double pace = static_cast<double>(heard.engine.cycles) * quantum / 48000 / heard.seconds;
    if (pace < 0.7 || pace > 1.5) return say("percent of real time", static_cast<int>(pace * 100));
    return {};
}

Heard run_fairly(const Host::Shape& shape, std::uint64_t frames = 24'000)
{
    return fairly([&] { return run(shape, frames); },
                  [&](const Heard& heard) { return complaint(shape, heard).empty(); });
}

void check_block(Frames block)
{
    char text[128] = "";
    {
        const Host::Shape shape = {.block = block, .inputs = all_32, .outputs = all_32};
        const Heard heard = run_fairly(shape);
        std::string what = complaint(shape, heard);
        if (what.empty() && heard.compared < 32 * 12'000) what = "too few samples were compared";
        what.copy(text, sizeof text - 1);
    }
    assert_string_equal(text, "");
}

void blocks_of_32_frames_come_back_bit_exact(void**) { check_block(32); }
void blocks_of_64_frames_come_back_bit_exact(void**) { check_block(64); }
void blocks_of_128_frames_come_back_bit_exact(void**) { check_block(128); }
void blocks_of_256_frames_come_back_bit_exact(void**) { check_block(256); }
void blocks_of_512_frames_come_back_bit_exact(void**) { check_block(512); }
void blocks_of_1024_frames_come_back_bit_exact(void**) { check_block(1024); }
void blocks_of_2048_frames_come_back_bit_exact(void**) { check_block(2048); }
void blocks_of_480_frames_come_back_bit_exact(void**) { check_block(480); }
void blocks_of_1000_frames_come_back_bit_exact(void**) { check_block(1000); }

std::uint64_t wrong_once(std::uint64_t inputs, std::uint64_t outputs)
{
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return ~std::uint64_t{0};
    Host host(*engine, {.block = 256, .inputs = inputs, .outputs = outputs});
    if (host.start() != Status::ok || !host.wait_for_blocks(60)) return ~std::uint64_t{1};
    host.stop();
    std::uint64_t wrong = 0;
    for (std::uint32_t c = 0; c < 64; c++) {
        const bool there = c < 32; // on the device
        const bool listens = there && (inputs >> c & 1) != 0;
        const bool plays = there && (outputs >> c & 1) != 0;
        const Ear& ear = host.ears[c];
        if (listens && plays) wrong += ear.wrong + (ear.compared < 8'000) + (ear.round_trip != 256);
        if (!plays) wrong += ear.compared; // must be silent
    }
    return wrong;
}

/// Samples that an input channel without a played output has heard, and those of the others that
/// were wrong.
std::uint64_t wrong_with_masks(std::uint64_t inputs, std::uint64_t outputs)
{
    return fairly([&] { return wrong_once(inputs, outputs); },
                  [](std::uint64_t wrong) { return wrong == 0; });
}

void sparse_channels_reach_their_own_device_channels(void**)
{
    const std::uint64_t wrong = wrong_with_masks(0x8421'0f05, 0x8021'0c81);
    assert_int_equal(wrong, 0);
}

void one_channel_alone_is_heard_alone(void**)
{
    const std::uint64_t wrong = wrong_with_masks(all_32, std::uint64_t{1} << 17);
    assert_int_equal(wrong, 0);
}

void channels_beyond_the_devices_are_left_out(void**)
{
    const std::uint64_t wrong = wrong_with_masks(0xff'0000'0003, 0xff'0000'0003);
    assert_int_equal(wrong, 0);
}

void a_host_without_inputs_plays(void**)
{
    const std::uint64_t wrong = wrong_with_masks(0, all_32);
    assert_int_equal(wrong, 0);
}

void a_host_without_outputs_listens(void**)
{
    const std::uint64_t wrong = wrong_with_masks(all_32, 0);
    assert_int_equal(wrong, 0);
}

void a_host_without_channels_is_called(void**)
{
    const std::uint64_t wrong = wrong_with_masks(0, 0);
    assert_int_equal(wrong, 0);
}

int use_the_large_sink(void**)
{
    use_devices("sink-32", "sink-32");
    return 0;
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_32_frames_come_back_bit_exact),
        cmocka_unit_test(blocks_of_64_frames_come_back_bit_exact),
        cmocka_unit_test(blocks_of_128_frames_come_back_bit_exact),
        cmocka_unit_test(blocks_of_256_frames_come_back_bit_exact),
        cmocka_unit_test(blocks_of_512_frames_come_back_bit_exact),
        cmocka_unit_test(blocks_of_1024_frames_come_back_bit_exact),
        cmocka_unit_test(blocks_of_2048_frames_come_back_bit_exact),
        cmocka_unit_test(blocks_of_480_frames_come_back_bit_exact),
        cmocka_unit_test(blocks_of_1000_frames_come_back_bit_exact),
        cmocka_unit_test(sparse_channels_reach_their_own_device_channels),
        cmocka_unit_test(one_channel_alone_is_heard_alone),
        cmocka_unit_test(channels_beyond_the_devices_are_left_out),
        cmocka_unit_test(a_host_without_inputs_plays),
        cmocka_unit_test(a_host_without_outputs_listens),
        cmocka_unit_test(a_host_without_channels_is_called),
    };
    return cmocka_run_group_tests(tests, use_the_large_sink, nullptr);
}
