// SPDX-License-Identifier: MIT
#include "tests/unit/ring_source.hpp"

#include <cstring>
#include <fcntl.h>
#include <random>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.hpp"

// Those who look on at a recording ring from outside: what they see, and when they are too slow.

using namespace asiowire;

namespace {

/// A process that maps the ring read-only and follows it; what it saw comes back through a pipe.
struct Look {
    std::uint64_t blocks = 0;
    std::uint64_t wrong = 0;
    std::uint64_t overwritten = 0;
    std::uint64_t last = 0; // position behind the last block seen
    std::uint64_t writable = 0;
};

Look look(int descriptor, useconds_t pause)
{
    Look look;
    void* const writable = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    look.writable = writable != MAP_FAILED;
    auto observer = RingObserver::open(descriptor);
    std::vector<float> samples(n_channels * 8192);
    if (!observer) return look;
    RingBlock block;
    for (bool last = false;;) {
        switch (observer->next(block, samples)) {
        case RingObserver::Found::nothing:
            if (last) return look;
            last = observer->ended();
            usleep(100);
            break;
        case RingObserver::Found::overwritten:
            look.overwritten++;
            break;
        case RingObserver::Found::block:
            look.blocks++;
            look.wrong += !right(block, samples.data()) || block.position < look.last;
            look.last = block.position + block.frames;
            if (pause > 0) usleep(pause);
            break;
        }
    }
}

Look look_from_another_process(useconds_t pause, int blocks, std::uint64_t& pushed)
{
    auto ring = small_ring();
    std::array<int, 2> pipes{};
    if (pipe(pipes.data()) != 0) return {};
    const std::string path =
        "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(ring->descriptor());
    const pid_t child = fork();
    if (child == 0) {
        const int file = ::open(path.c_str(), O_RDONLY);
        static_cast<void>(!write(pipes[1], "", 1));
        const Look seen = look(file, pause);
        static_cast<void>(!write(pipes[1], &seen, sizeof seen));
        _exit(0);
    }
    char begun = 0;
    static_cast<void>(!read(pipes[0], &begun, 1));
    usleep(20'000);
    {
        Source source{*ring};
        std::mt19937 random(7);
        for (int i = 0; i < blocks; i++) {
            source.push(1 + random() % longest);
            if (i % 4 == 0) usleep(200);
        }
        pushed = source.position;
    }
    ring.reset(); // says "ended"; the child holds the memory itself
    Look seen;
    static_cast<void>(!read(pipes[0], &seen, sizeof seen));
    waitpid(child, nullptr, 0);
    close(pipes[0]);
    close(pipes[1]);
    return seen;
}

void an_observer_in_another_process_sees_every_block(void**)
{
    std::uint64_t pushed = 0;
    const Look seen = look_from_another_process(0, 2000, pushed);
    assert_int_equal(seen.wrong, 0);
    assert_int_equal(seen.writable, 0);
    assert_true(seen.blocks > 0);
    assert_int_equal(seen.last, pushed);
}

void an_observer_that_is_too_slow_is_told_and_never_sees_a_mixture(void**)
{
    std::uint64_t pushed = 0;
    const Look seen = look_from_another_process(5000, 2000, pushed);
    assert_int_equal(seen.wrong, 0);
    assert_true(seen.overwritten > 3);
    assert_true(seen.blocks > 3);
}

void what_is_no_ring_is_refused_with_a_sentence(void**)
{
    const int empty = memfd_create("empty", 0);
    const int zeros = memfd_create("zeros", 0);
    static_cast<void>(!ftruncate(zeros, 65536));
    const auto ring = small_ring();
    const int cut = memfd_create("cut", 0); // a ring's first pages alone
    std::vector<char> page(8192);
    static_cast<void>(!pread(ring->descriptor(), page.data(), page.size(), 0));
    static_cast<void>(!write(cut, page.data(), page.size()));
    const std::string one = RingObserver::open(empty).error();
    const std::string two = RingObserver::open(zeros).error();
    const std::string three = RingObserver::open(cut).error();
    const std::string four = RingObserver::open(-1).error();
    for (const int file : {empty, zeros, cut})
        close(file);
    assert_string_equal(one.c_str(), "it is too small for a recording ring");
    assert_string_equal(two.c_str(), "it is no recording ring");
    assert_string_equal(three.c_str(), "its recording ring's header is damaged");
    assert_string_equal(four.c_str(), "Bad file descriptor");
}

/// A ring's memory as another process would find it with the producer stopped in the middle of a
/// block.
struct Forged {
    int file = memfd_create("forged", 0);
    std::unique_ptr<Ring> ring = small_ring();
    std::byte* memory = nullptr;

    std::size_t bytes() const { return ring->header().header_bytes + ring->header().data_bytes; }
    bool make()
    {
        if (ftruncate(file, static_cast<off_t>(bytes())) != 0) return false;
        void* const mapped = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        memory = static_cast<std::byte*>(mapped);
        copy();
        return mapped != MAP_FAILED;
    }
    void copy() { static_cast<void>(!pread(ring->descriptor(), memory, bytes(), 0)); }
    RingHeader& header() { return *reinterpret_cast<RingHeader*>(memory); }
    ~Forged()
    {
        munmap(memory, bytes());
        close(file);
    }
};

/// Looks at the oldest block when a producer has claimed up to `beyond` bytes of its memory.
RingObserver::Found look_at_a_claimed_block(std::uint64_t beyond)
{
    Forged forged;
    if (!forged.make()) return RingObserver::Found::nothing;
    auto observer = RingObserver::open(forged.file);
    Source source{*forged.ring};
    for (int i = 0; i < 4; i++)
        source.push(1000);
    forged.copy();
    forged.header().claimed = forged.header().data_bytes + beyond;
    RingBlock block;
    std::vector<float> samples(n_channels * longest);
    return observer->next(block, samples);
}

void a_block_that_is_being_overwritten_is_not_taken(void**)
{
    const RingObserver::Found whole = look_at_a_claimed_block(0);
    const RingObserver::Found torn = look_at_a_claimed_block(64);
    assert_true(whole == RingObserver::Found::block);
    assert_true(torn == RingObserver::Found::overwritten);
}

/// Blocks whose headers lie about their size, as the remains of an overwritten one may.
void a_header_that_makes_no_sense_is_not_followed(void**)
{
    RingObserver::Found found = RingObserver::Found::overwritten;
    for (const auto spoil : {+[](RingBlock& block) { block.bytes = 0; },
                             +[](RingBlock& block) { block.bytes = 0xffff'ffff; },
                             +[](RingBlock& block) { block.frames = 0xffff'ffff; },
                             +[](RingBlock& block) { block.channels = 1'000'000; },
                             +[](RingBlock& block) { block.at = 64; }}) {
        Forged forged;
        if (!forged.make()) break;
        auto observer = RingObserver::open(forged.file);
        Source source{*forged.ring};
        source.push(1000);
        forged.copy();
        spoil(*reinterpret_cast<RingBlock*>(forged.memory + forged.header().header_bytes));
        RingBlock block;
        std::vector<float> samples(n_channels * longest);
        if (found == RingObserver::Found::overwritten) found = observer->next(block, samples);
    }
    assert_true(found == RingObserver::Found::overwritten);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_observer_in_another_process_sees_every_block),
        cmocka_unit_test(an_observer_that_is_too_slow_is_told_and_never_sees_a_mixture),
        cmocka_unit_test(what_is_no_ring_is_refused_with_a_sentence),
        cmocka_unit_test(a_block_that_is_being_overwritten_is_not_taken),
        cmocka_unit_test(a_header_that_makes_no_sense_is_not_followed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
