// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"
#include "tests/engine/resources.hpp"

#include <array>
#include <random>

#include "tests/cmocka.hpp"

// Two threads prepare, start, stop and dispose in random order, legal and not, while a third asks for
// everything that may be asked at any moment. As in the Windows half, state changes are made one at a
// time. ASIOWIRE_STORM=10000 makes it as long as that.

using namespace engine_test;

namespace {

/// An engine and the threads that a host lends it.
class Driver {
public:
    explicit Driver(Engine& engine) : engine_(engine), memory_(2 * 4 * largest) {}
    ~Driver() { dispose(); }

    Status prepare(Frames block)
    {
        const std::lock_guard guard(changes_);
        if (prepared_) return engine_.prepare({}); // refused, whatever stands in it
        auto* const base = reinterpret_cast<std::byte*>(memory_.data());
        const std::size_t stride = block * sizeof(float);
        const Status status =
            engine_.prepare({.block = block,
                             .input_mask = 0x3,
                             .output_mask = 0x3,
                             .buffers = {.inputs = base,
                                         .outputs = base + 2 * stride,
                                         .channel_stride = static_cast<std::uint32_t>(stride),
                                         .half_stride = static_cast<std::uint32_t>(4 * stride)},
                             .host = &Driver::take,
                             .host_context = this,
                             .warm = {}});
        if (status != Status::ok) return status;
        prepared_ = true;
        loop_thread_ = std::thread([this] { engine_.run_loop(); });
        if (engine_.settings().schedule == asiowire::Schedule::buffered)
            host_thread_ = std::thread([this] {
                Block block_of_host;
                while (engine_.await_block(block_of_host)) blocks++;
            });
        return status;
    }

    Status start()
    {
        const std::lock_guard guard(changes_);
        std::string message;
        return engine_.start(message);
    }

    /// The engine's stop gives the threads back: the host's next start needs a prepare.
    Status dispose()
    {
        const std::lock_guard guard(changes_);
        const Status status = engine_.stop();
        if (loop_thread_.joinable()) loop_thread_.join();
        if (host_thread_.joinable()) host_thread_.join();
        prepared_ = false;
        return status;
    }

    std::atomic<std::uint64_t> blocks{0};

private:
    static constexpr std::size_t largest = 512;

    static bool take(void* self, const Block&, asiowire::HostSpan& span) ASIOWIRE_RT
    {
        span = {};
        static_cast<Driver*>(self)->blocks++;
        return true;
    }

    Engine& engine_;
    std::vector<float> memory_;
    std::mutex changes_; // guards what follows, and is held over every change of state
    bool prepared_ = false;
    std::thread loop_thread_;
    std::thread host_thread_;
};

enum Transition { prepare, start, stop };
constexpr std::size_t transitions = 3;

struct Storm {
    std::array<std::atomic<int>, transitions> tried{};
    std::array<std::atomic<int>, transitions> succeeded{};
    std::atomic<int> odd{0}; // answers that are neither success nor a refusal of the wrong moment
    std::uint64_t blocks = 0;
    std::uint64_t asked = 0;
    bool plays_afterwards = false;
    Resources before;
    Resources after;
};

void blow(Driver& driver, Storm& storm, unsigned seed, int count)
{
    std::mt19937 random(seed);
    for (int i = 0; i < count; i++) {
        const std::size_t kind = random() % transitions;
        const Frames block = 16u << random() % 6;
        const Status status = kind == prepare ? driver.prepare(block)
                              : kind == start ? driver.start()
                                              : driver.dispose();
        storm.tried[kind]++;
        storm.succeeded[kind] += status == Status::ok;
        storm.odd += status != Status::ok && status != Status::bad_state &&
                     status != Status::bad_argument;
        if (random() % 4 == 0)
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    }
}

void ask(Engine& engine, Storm& storm, const std::atomic<bool>& over)
{
    std::mt19937 random(7);
    std::string message;
    for (; !over; storm.asked++) {
        static_cast<void>(engine.status(random() % 2 == 0 ? 0 : 256));
        static_cast<void>(engine.offers_rate(random() % 2 == 0 ? 44100 : 12345, message));
        if (random() % 16 == 0)
            static_cast<void>(engine.set_rate(48000, random() % 2 == 0, message));
        std::this_thread::sleep_for(milliseconds(1));
    }
}

void rage(Engine& engine, Storm& storm, unsigned seed, int count)
{
    Driver driver(engine);
    std::atomic<bool> over{false};
    std::thread asker([&] { ask(engine, storm, over); });
    std::thread one([&] { blow(driver, storm, seed, count / 2); });
    std::thread other([&] { blow(driver, storm, seed + 1, count - count / 2); });
    one.join();
    other.join();
    over = true;
    asker.join();
    driver.dispose();
    storm.blocks = driver.blocks;
}

int length()
{
    const char* const wish = std::getenv("ASIOWIRE_STORM");
    return wish == nullptr ? 600 : std::atoi(wish);
}

/// By reference, because its counters cannot be copied.
void run(Storm& storm)
{
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return;
    {
        const Notices notices(*engine);
        Storm warm_up;
        rage(*engine, warm_up, 1000, 60);
        storm.before = Resources::settled();
        rage(*engine, storm, 1, length());
        storm.after = Resources::settled();
    }
    Host host(*engine, {.block = 256, .inputs = 0x3, .outputs = 0x3});
    storm.plays_afterwards = host.start() == Status::ok && host.wait_for_blocks(20);
}

void check_storm()
{
    static Storm storm; // an assertion that fails jumps past destructors
    storm.~Storm();
    new (&storm) Storm;
    run(storm);
    print_message("# %d transitions, %llu blocks, %llu times asked; of prepare, start, stop succeeded "
                  "%d, %d, %d; threads %d, %d, descriptors %d, %d\n",
                  length(), static_cast<unsigned long long>(storm.blocks),
                  static_cast<unsigned long long>(storm.asked), storm.succeeded[prepare].load(),
                  storm.succeeded[start].load(), storm.succeeded[stop].load(), storm.before.threads,
                  storm.after.threads, storm.before.descriptors, storm.after.descriptors);
    assert_int_equal(storm.odd, 0);
    for (std::size_t kind = 0; kind < transitions; kind++) assert_true(storm.succeeded[kind] > 0);
    assert_true(storm.succeeded[start] < storm.tried[start]); // illegal ones are refused
    assert_true(storm.blocks > 0);
    assert_int_equal(storm.after.threads, storm.before.threads);
    // A loop of PipeWire 1 keeps an eventfd for each thread that ever spoke to it while another did.
    const int racing = pw_get_library_version()[0] == '0' ? 0 : 3;
    assert_true(storm.after.descriptors >= storm.before.descriptors);
    assert_true(storm.after.descriptors <= storm.before.descriptors + racing);
    assert_true(storm.plays_afterwards);
}

void a_storm_of_transitions_leaves_an_engine_that_plays(void**)
{
    check_storm();
}

void a_storm_in_the_buffered_schedule_does_too(void**)
{
    setenv("ASIOWIRE_SCHEDULE", "buffered", 1);
    check_storm();
    unsetenv("ASIOWIRE_SCHEDULE");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_storm_of_transitions_leaves_an_engine_that_plays),
        cmocka_unit_test(a_storm_in_the_buffered_schedule_does_too),
    };
    use_devices("sink-8", "sink-8");
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
