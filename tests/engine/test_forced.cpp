// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"

#include <cstdlib>
#include <fstream>
#include <unistd.h>

#include "tests/cmocka.hpp"

// What is forced or wished for by others than the host, and whether the graph does so.

using namespace engine_test;

namespace {

int mentions(const std::string& path, const std::string& words)
{
    std::ifstream file(path);
    int found = 0;
    for (std::string line; std::getline(file, line);)
        found += line.find(words) != line.npos;
    return found;
}

void a_quantum_that_is_not_delivered_is_logged_once_and_audio_goes_on(void**)
{
    const std::string log = std::string(std::getenv("XDG_RUNTIME_DIR")) + "/pin.log";
    setenv("ASIOWIRE_LOG", log.c_str(), 1);
    std::string message;
    std::uint64_t more = 0;
    {
        const auto engine = open_engine(message);
        Host host(*engine, {.block = 64, .inputs = 0x3, .outputs = 0x3});
        host.start();
        std::this_thread::sleep_for(milliseconds(700));
        set_graph("clock.force-quantum", 256);
        wait_until([&] { return mentions(log, "although") > 0; });
        const std::uint64_t blocks = host.blocks;
        std::this_thread::sleep_for(milliseconds(700));
        more = host.blocks - blocks;
        set_graph("clock.force-quantum", 0);
    }
    unsetenv("ASIOWIRE_LOG");
    const int all = mentions(log, "although");
    const int right = mentions(log, "runs at quantum 256 although 64 is forced");
    unlink(log.c_str());
    assert_int_equal(right, 1);
    assert_int_equal(all, 1);
    assert_true(more > 100); // 525 in 0.7 s of an unburdened machine
}

void what_pipewires_variables_wish_is_told_and_delivered(void**)
{
    std::string message;
    Engine::Device device;
    Engine::Status before;
    Engine::Status running;
    setenv("PIPEWIRE_LATENCY", "128/44100", 1);
    setenv("PIPEWIRE_RATE", "1/44100", 1);
    {
        const auto engine = open_engine(message);
        device = engine->device();
        before = engine->status(0);
        Host host(*engine, {.block = device.preferred_block, .inputs = 0x3, .outputs = 0x3});
        host.start();
        host.wait_for_blocks(20);
        running = engine->status(0);
    }
    unsetenv("PIPEWIRE_LATENCY");
    unsetenv("PIPEWIRE_RATE");
    assert_int_equal(device.preferred_block, 128);
    assert_int_equal(device.rate, 44100);
    assert_int_equal(before.rate, 44100);
    assert_int_equal(running.rate, 44100);
    assert_int_equal(running.quantum, 128);
}

int use_the_small_sink(void**)
{
    use_devices("sink-2", "sink-2");
    return 0;
}

int free_the_graph(void**)
{
    return set_graph("clock.force-quantum", 0) ? 0 : -1;
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_quantum_that_is_not_delivered_is_logged_once_and_audio_goes_on),
        cmocka_unit_test(what_pipewires_variables_wish_is_told_and_delivered),
    };
    return cmocka_run_group_tests(tests, use_the_small_sink, free_the_graph);
}
