// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"
#include "wine/abi.h"

#include <pthread.h>
#include <unistd.h>

#include "tests/cmocka.hpp"

// The Unix half used as the Windows half uses it: by call numbers, the graph's cycle behind the
// door, on a thread that calls RUN again and again.

using namespace engine_test;
namespace abi = asiowire::abi;

using Entry = std::int32_t (*)(void* args);
extern "C" const Entry __wine_unix_call_funcs[];

namespace {

template <class Params> Status ask(abi::Call call, Params& params)
{
    __wine_unix_call_funcs[static_cast<std::size_t>(call)](&params);
    return static_cast<Status>(params.head.status);
}

enum class Deed { go_on, stop, exit_thread, vanish };

/// The Windows half with a stereo host, on the first two channels of the sink.
struct Windows {
    static constexpr Frames block = 256;

    Deed deed = Deed::go_on; // at the tenth block
    std::uint64_t engine = 0;
    std::vector<float> memory = std::vector<float>(2 * 4 * block); // [half][2 in, 2 out][frame]
    Ear ears[2];
    std::uint64_t blocks = 0;
    std::uint64_t jumps = 0;       // positions or halves out of step
    std::uint32_t deferred = 0;    // what stop from inside answered
    std::atomic<std::uint64_t> passed{0};
    pthread_t thread{};

    Status open()
    {
        auto params = abi::make<abi::OpenParams>();
        params.version = abi::version;
        std::string_view("entries-test").copy(params.program, sizeof params.program - 1);
        const Status status = ask(abi::Call::open, params);
        engine = params.engine;
        return status;
    }

    Status start()
    {
        auto prepare = abi::make<abi::PrepareParams>();
        prepare.engine = engine;
        prepare.input_mask = prepare.output_mask = 0x3;
        prepare.inputs = reinterpret_cast<std::uintptr_t>(memory.data());
        prepare.outputs = reinterpret_cast<std::uintptr_t>(memory.data() + 2 * block);
        prepare.channel_stride = block * sizeof(float);
        prepare.half_stride = 4 * block * sizeof(float);
        prepare.block = block;
        if (const Status status = ask(abi::Call::prepare, prepare); status != Status::ok)
            return status;
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, 1024 * 1024); // as Wine's kernel stacks
        pthread_create(&thread, &attributes, &Windows::audio_thread, this);
        pthread_attr_destroy(&attributes);
        auto start = abi::make<abi::StartParams>();
        start.engine = engine;
        return ask(abi::Call::start, start);
    }

    Status stop(bool lost = false)
    {
        auto params = abi::make<abi::StopParams>();
        params.engine = engine;
        params.audio_thread_lost = lost;
        const Status status = ask(abi::Call::stop, params);
        deferred = params.deferred;
        return status;
    }

    /// Of the run there was last; the next one begins at 0.
    void count_lateness() const
    {
        auto status = abi::make<abi::StatusParams>();
        status.engine = engine;
        ask(abi::Call::status, status);
        engine_test::machine_lateness += status.gaps + status.overruns;
    }

    Status close()
    {
        count_lateness();
        auto params = abi::make<abi::CloseParams>();
        params.engine = engine;
        return ask(abi::Call::close, params);
    }

    static void* audio_thread(void* self)
    {
        static_cast<Windows*>(self)->run();
        return nullptr;
    }

    void run()
    {
        abi::RunParams params{};
        params.engine = engine;
        params.windows_stack = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
        for (;;) {
            __wine_unix_call_funcs[static_cast<std::size_t>(abi::Call::run)](&params);
            if (params.outcome != static_cast<std::uint8_t>(abi::RunOutcome::block_ready)) return;
            host_computes(params);
            passed = ++blocks;
            if (blocks != 10 || deed == Deed::go_on) continue;
            if (deed == Deed::stop) stop();
            if (deed == Deed::vanish) pthread_exit(nullptr);
            if (deed == Deed::exit_thread)
                params.request = static_cast<std::uint8_t>(abi::RunRequest::quit);
        }
    }

    void host_computes(const abi::RunParams& params)
    {
        jumps += params.position != blocks * block || params.half != blocks % 2;
        float* const half = memory.data() + params.half * 4 * block;
        for (std::size_t c = 0; c < 2; c++) {
            for (Frames i = 0; i < block; i++) {
                ears[c].hear(blocks * block + i, c, half[c * block + i]);
                half[(2 + c) * block + i] = sample(blocks * block + i, c);
            }
        }
    }
};

struct Outcome {
    Status opened = Status::system_error;
    Status started = Status::system_error;
    Status stopped = Status::system_error;
    Status started_again = Status::ok;
    Status closed = Status::system_error;
    Status asked_after = Status::ok; // of a call with the closed engine's token
    std::uint64_t blocks = 0;
    std::uint64_t jumps = 0;
    std::uint64_t wrong = 0;
    std::int64_t round_trip = -1;
    std::uint32_t deferred = 0;
    bool left_graph = true; // by itself, before stop was called
};

/// Whether the daemon soon has no ports of ours any more, as PipeWire's own tool sees it.
bool node_goes()
{
    for (int i = 0; i < 100; i++) {
        if (std::system("pw-link -o | grep -q ^entries-test:") != 0) return true;
        usleep(20'000);
    }
    return false;
}

/// From open to close; with a deed the run ends by itself, and another one is started.
Outcome play_once(Deed deed, bool hand_off)
{
    setenv("ASIOWIRE_HAND_OFF", hand_off ? "1" : "0", 1);
    alarm(30); // a hang ends the program
    Outcome outcome;
    Windows windows;
    windows.deed = deed;
    outcome.opened = windows.open();
    outcome.started = windows.start();
    const std::uint64_t enough = deed == Deed::go_on ? 100 : 10;
    for (int i = 0; i < 5000 && windows.passed < enough; i++) usleep(1000);
    if (deed == Deed::go_on) outcome.stopped = windows.stop();
    pthread_join(windows.thread, nullptr);
    outcome.deferred = windows.deferred;
    if (deed == Deed::stop || deed == Deed::exit_thread) outcome.left_graph = node_goes();
    if (deed != Deed::go_on) outcome.stopped = windows.stop(deed == Deed::vanish);
    outcome.blocks = windows.blocks;
    outcome.jumps = windows.jumps;
    outcome.wrong = windows.ears[0].wrong + windows.ears[1].wrong;
    if (windows.ears[0].round_trip == windows.ears[1].round_trip)
        outcome.round_trip = windows.ears[0].round_trip;
    if (deed == Deed::stop || deed == Deed::exit_thread) {
        windows.count_lateness();
        windows.deed = Deed::go_on;
        windows.blocks = 0;
        windows.passed = 0;
        outcome.started_again = windows.start();
        for (int i = 0; i < 5000 && windows.passed < 20; i++) usleep(1000);
        windows.stop();
        pthread_join(windows.thread, nullptr);
        outcome.jumps += windows.jumps + (windows.blocks < 20);
    }
    outcome.closed = windows.close();
    outcome.asked_after = windows.stop();
    alarm(0);
    return outcome;
}

Outcome play(Deed deed, bool hand_off = false)
{
    return engine_test::fairly([=] { return play_once(deed, hand_off); },
                               [](const Outcome& outcome) { return outcome.wrong + outcome.jumps == 0; });
}

void check_outcome(const Outcome& outcome)
{
    assert_int_equal(outcome.opened, Status::ok);
    assert_int_equal(outcome.started, Status::ok);
    assert_int_equal(outcome.stopped, Status::ok);
    assert_true(outcome.left_graph);
    assert_int_equal(outcome.started_again, Status::ok);
    assert_int_equal(outcome.closed, Status::ok);
    assert_int_equal(outcome.asked_after, Status::bad_state);
    assert_int_equal(outcome.jumps, 0);
    assert_int_equal(outcome.wrong, 0);
    assert_int_equal(outcome.round_trip, Windows::block);
}

void blocks_pass_the_door_bit_exact(void**)
{
    const Outcome outcome = play(Deed::go_on);
    check_outcome(outcome);
    assert_true(outcome.blocks >= 100);
}

void blocks_pass_the_hand_off_bit_exact(void**)
{
    const Outcome outcome = play(Deed::go_on, true);
    check_outcome(outcome);
    assert_true(outcome.blocks >= 100);
}

void stop_from_inside_is_deferred_until_the_host_returns(void**)
{
    for (const bool hand_off : {false, true}) {
        const Outcome outcome = play(Deed::stop, hand_off);
        check_outcome(outcome);
        assert_int_equal(outcome.deferred, 1);
        assert_int_equal(outcome.blocks, 10);
    }
}

void a_thread_that_says_good_bye_may_be_followed_by_another(void**)
{
    for (const bool hand_off : {false, true}) {
        const Outcome outcome = play(Deed::exit_thread, hand_off);
        check_outcome(outcome);
        assert_int_equal(outcome.blocks, 10);
    }
}

void a_thread_that_vanished_from_the_hand_off_is_done_without(void**)
{
    const Outcome outcome = play(Deed::vanish, true);
    check_outcome(outcome);
    assert_int_equal(outcome.blocks, 10);
}

void a_thread_that_vanished_with_the_cycle_is_left_behind(void**)
{
#ifdef ASIOWIRE_SANITIZED
    skip(); // what the dead thread may touch is leaked by design
#endif
    const Outcome outcome = play(Deed::vanish);
    check_outcome(outcome);
    assert_int_equal(outcome.blocks, 10);
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
        cmocka_unit_test(blocks_pass_the_door_bit_exact),
        cmocka_unit_test(blocks_pass_the_hand_off_bit_exact),
        cmocka_unit_test(stop_from_inside_is_deferred_until_the_host_returns),
        cmocka_unit_test(a_thread_that_says_good_bye_may_be_followed_by_another),
        cmocka_unit_test(a_thread_that_vanished_from_the_hand_off_is_done_without),
        cmocka_unit_test(a_thread_that_vanished_with_the_cycle_is_left_behind),
    };
    return cmocka_run_group_tests(tests, use_the_large_sink, nullptr);
}
