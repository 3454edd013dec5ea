// SPDX-License-Identifier: MIT
#include "core/seqlock.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/cmocka.hpp"

using namespace asiowire;

namespace {

/// Five words of one mind: a torn one disagrees with itself.
struct Snapshot {
    std::uint64_t count = 0;
    std::uint64_t negated = ~std::uint64_t{0};
    std::uint32_t folded = 0;

    static Snapshot of(std::uint64_t count)
    {
        return {count, ~count, static_cast<std::uint32_t>(count * 0x9e3779b9u)};
    }
    bool whole() const { return negated == ~count && folded == of(count).folded; }
};
static_assert(sizeof(Snapshot) == 24);

struct Seen {
    std::uint64_t reads = 0;
    std::uint64_t torn = 0;
    std::uint64_t backwards = 0; // older than what was read before
    std::uint64_t news = 0;      // different from what was read before
};

constexpr std::uint64_t enough_news = 100;

/// One writer at full speed against one reader, until that has seen enough or half a minute is over.
Seen race(std::chrono::milliseconds duration)
{
    Seqlock<Snapshot> lock;
    lock.store(Snapshot::of(0));
    std::atomic<bool> over{false};
    std::thread writer([&] {
        for (std::uint64_t i = 1; !over.load(std::memory_order_relaxed); i++)
            lock.store(Snapshot::of(i));
    });
    Seen seen;
    std::uint64_t last = 0;
    const auto begin = std::chrono::steady_clock::now();
    const auto since = [begin] { return std::chrono::steady_clock::now() - begin; };
    while (since() < duration || (seen.news <= enough_news && since() < std::chrono::seconds(30))) {
        for (int i = 0; i < 100; i++) {
            const Snapshot value = lock.load();
            seen.reads++;
            seen.torn += !value.whole();
            seen.backwards += value.count < last;
            seen.news += value.count != last;
            last = value.count;
        }
    }
    over = true;
    writer.join();
    return seen;
}

void a_reader_never_sees_a_torn_or_an_older_value(void**)
{
    const Seen seen = race(std::chrono::milliseconds(1200));
    assert_int_equal(seen.torn, 0);
    assert_int_equal(seen.backwards, 0);
    assert_true(seen.news > enough_news); // else nobody wrote meanwhile
}

void what_was_stored_is_loaded_bit_for_bit(void**)
{
    Seqlock<Snapshot> lock;
    const Snapshot first = lock.load(); // nothing stored yet: all zero bits
    int wrong = 0;
    for (std::uint64_t i = 0; i < 1000; i++) {
        const Snapshot value = Snapshot::of(i << 40 | i);
        lock.store(value);
        const Snapshot read = lock.load();
        wrong += read.count != value.count || !read.whole();
    }
    assert_int_equal(first.count | first.negated | first.folded, 0);
    assert_int_equal(wrong, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_never_sees_a_torn_or_an_older_value),
        cmocka_unit_test(what_was_stored_is_loaded_bit_for_bit),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
