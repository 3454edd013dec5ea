// SPDX-License-Identifier: MIT
#include "pipewire/pin_ledger.hpp"
#include "pipewire/process.hpp"

#include <csignal>
#include <cstdlib>
#include <limits>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.hpp"

// Who holds the graph, what is given back, and what a kill leaves behind.

using namespace asiowire;

namespace {

constexpr std::uint32_t daemon = 0xC0FFEE;
constexpr Forced nothing{};
constexpr Forced small{.quantum = 64, .rate = 48000};
constexpr Forced large{.quantum = 1024, .rate = 96000};
constexpr Forced of_the_user{.quantum = 512, .rate = 44100};

PinOwner alive(std::uint64_t engine, const Forced& wish)
{
    return {.pid = getpid(), .started = start_time_of(getpid()), .engine = engine, .wish = wish};
}

/// A process that was, and was waited for.
PinOwner dead(const Forced& wish)
{
    const pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    const std::uint64_t started = start_time_of(child);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return {.pid = child, .started = started, .engine = 1, .wish = wish};
}

/// The same number, another process.
PinOwner of_another_time(const Forced& wish)
{
    PinOwner owner = alive(7, wish);
    owner.started--;
    return owner;
}

bool same(const PinRecord& a, const PinRecord& b)
{
    return a.before == b.before && a.written == b.written && a.owners == b.owners;
}

void what_stood_there_is_given_back(void**)
{
    PinRecord record;
    record.enter(alive(1, small), of_the_user);
    assert_true(record.before == of_the_user);
    assert_true(record.leave(alive(1, {}), small) == of_the_user);
    assert_true(record.empty());
}

void the_last_of_two_gives_back_and_the_first_hands_over(void**)
{
    PinRecord record;
    record.enter(alive(1, small), of_the_user);
    record.enter(alive(2, large), small);
    assert_true(record.leave(alive(2, {}), large) == small);
    assert_true(record.leave(alive(1, {}), small) == of_the_user);

    record.enter(alive(1, small), of_the_user);
    record.enter(alive(2, large), small);
    assert_true(record.leave(alive(1, {}), large) == large); // the newer one stays as it is
    assert_true(record.leave(alive(2, {}), large) == of_the_user);
}

void an_owner_that_changes_its_mind_is_one_owner(void**)
{
    PinRecord record;
    record.enter(alive(1, small), nothing);
    record.enter(alive(1, large), small);
    assert_int_equal(record.owners.size(), 1);
    assert_true(record.before == nothing);
    assert_true(record.leave(alive(1, {}), large) == nothing);
}

void what_the_user_says_meanwhile_stays(void**)
{
    PinRecord record;
    record.enter(alive(1, small), nothing);
    const Forced now{.quantum = 512, .rate = small.rate}; // one of the two was changed
    const Forced left = record.leave(alive(1, {}), now);
    assert_int_equal(left.quantum, 512);
    assert_int_equal(left.rate, 0);

    record.enter(alive(1, small), nothing);
    record.enter(alive(2, large), of_the_user);
    assert_true(record.before == of_the_user);
}

void the_dead_hold_nothing_and_the_living_are_not_robbed(void**)
{
    const PinOwner killed = dead(small);
    assert_true(killed.started != 0 && start_time_of(killed.pid) == 0);
    PinRecord record;
    record.enter(killed, of_the_user);
    assert_true(record.leave(alive(1, {}), small) == of_the_user);

    record.enter(of_another_time(small), of_the_user);
    assert_true(record.leave(alive(1, {}), small) == of_the_user);

    record.enter(alive(3, small), of_the_user); // holds still
    record.enter(killed, small);
    assert_true(record.leave(alive(1, {}), small) == small);
    assert_false(record.empty());
}

void what_a_killed_one_remembered_is_inherited(void**)
{
    PinRecord record;
    record.enter(dead(small), of_the_user);
    record.enter(alive(1, large), small);
    assert_int_equal(record.owners.size(), 1);
    assert_true(record.before == of_the_user);
}

void a_record_survives_as_text(void**)
{
    PinRecord record;
    record.enter(alive(1, small), of_the_user);
    record.enter(alive(std::numeric_limits<std::uint64_t>::max(), large), small);
    assert_true(same(PinRecord::from(record.text()), record));
    assert_true(PinRecord{}.text().empty());
}

void a_text_that_is_not_whole_is_no_record(void**)
{
    PinRecord record;
    record.enter(alive(1, small), of_the_user);
    const std::string text = record.text();
    int understood = 0;
    for (std::size_t n = 0; n < text.size() - 1; n++)
        understood += !PinRecord::from(text.substr(0, n)).empty();
    assert_int_equal(understood, 0);
    assert_true(PinRecord::from("asiowire-pin-2\n" + text).empty());
    assert_true(same(PinRecord::from(text + "owner 1 2 3 4 5\nend\n"), record)); // an old rest
}

void the_ledger_keeps_its_record_and_its_lock(void**)
{
    const bool none = !PinLedger::open(daemon, false);
    bool kept = false;
    bool excluded = false;
    {
        auto ledger = PinLedger::open(daemon, true);
        if (ledger) {
            ledger->record.enter(alive(1, small), of_the_user);
            kept = ledger->save() == Status::ok;
            excluded = !PinLedger::open(daemon, true);
        }
    }
    auto again = PinLedger::open(daemon, false);
    const bool found = again && again->record.owners.size() == 1;
    const bool other = !PinLedger::open(daemon + 1, false);
    bool emptied = false;
    if (again) {
        again->record.leave(alive(1, {}), small);
        emptied = again->save() == Status::ok;
        again = std::unexpected(Status::unsupported);
        const auto last = PinLedger::open(daemon, false);
        emptied &= last && last->record.empty();
    }
    assert_true(none);
    assert_true(kept);
    assert_true(excluded);
    assert_true(found);
    assert_true(other);
    assert_true(emptied);
}

std::string scratch_folder;

int make_folder(void**)
{
    char name[] = "/tmp/asiowire-ledger-XXXXXX";
    if (mkdtemp(name) == nullptr) return -1;
    scratch_folder = name;
    return setenv("XDG_RUNTIME_DIR", name, 1);
}

int remove_folder(void**)
{
    unlink((scratch_folder + "/asiowire-pin-00c0ffee").c_str());
    return rmdir(scratch_folder.c_str()); // fails when anything else was left
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_stood_there_is_given_back),
        cmocka_unit_test(the_last_of_two_gives_back_and_the_first_hands_over),
        cmocka_unit_test(an_owner_that_changes_its_mind_is_one_owner),
        cmocka_unit_test(what_the_user_says_meanwhile_stays),
        cmocka_unit_test(the_dead_hold_nothing_and_the_living_are_not_robbed),
        cmocka_unit_test(what_a_killed_one_remembered_is_inherited),
        cmocka_unit_test(a_record_survives_as_text),
        cmocka_unit_test(a_text_that_is_not_whole_is_no_record),
        cmocka_unit_test(the_ledger_keeps_its_record_and_its_lock),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
