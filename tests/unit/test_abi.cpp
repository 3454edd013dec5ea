// SPDX-License-Identifier: MIT
#include "core/status.hpp"
#include "wine/abi.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "tests/cmocka.hpp"

// The Unix half's call tables as Wine sees them: found by name, called by number, fed with bad
// params. That the three compilers lay the params out alike is shown by tests/nets/abi_layout.py.

using namespace asiowire;

using Entry = std::int32_t (*)(void* args);
extern "C" const Entry __wine_unix_call_funcs[];
extern "C" const Entry __wine_unix_call_wow64_funcs[];

namespace {

constexpr auto n_calls = static_cast<std::size_t>(abi::Call::count);
constexpr std::uint64_t invented_token = 0x0123'4567'89ab'cdef;

/// Room for any params struct, with its size and a token where all but OpenParams have it.
struct Params {
    abi::Head head;
    std::uint64_t engine;
    char rest[248];
};
static_assert(sizeof(Params) == 264);

std::int32_t status_after(abi::Call call, std::uint32_t size, std::uint64_t token)
{
    Params params{.head = {.size = size, .status = 99}, .engine = token, .rest = {}};
    const std::int32_t result = __wine_unix_call_funcs[static_cast<std::size_t>(call)](&params);
    return result == 0 ? params.head.status : -1;
}

struct Row {
    abi::Call call;
    std::uint32_t size;
};
/// The calls that check both their size and their token.
constexpr Row checked[] = {
    {abi::Call::close, sizeof(abi::CloseParams)},
    {abi::Call::prepare, sizeof(abi::PrepareParams)},
    {abi::Call::start, sizeof(abi::StartParams)},
    {abi::Call::stop, sizeof(abi::StopParams)},
    {abi::Call::next_event, sizeof(abi::NextEventParams)},
    {abi::Call::close_events, sizeof(abi::CloseParams)},
    {abi::Call::status, sizeof(abi::StatusParams)},
    {abi::Call::rate, sizeof(abi::RateParams)},
};

void both_tables_hold_the_same_complete_entries(void**)
{
    int wrong = 0;
    for (std::size_t i = 0; i < n_calls; i++)
        wrong += __wine_unix_call_funcs[i] == nullptr ||
                 __wine_unix_call_funcs[i] != __wine_unix_call_wow64_funcs[i];
    for (std::size_t i = 0; i < n_calls; i++)
        for (std::size_t j = 0; j < i; j++)
            wrong += __wine_unix_call_funcs[i] == __wine_unix_call_funcs[j];
    assert_int_equal(wrong, 0);
}

void params_of_another_size_are_another_version(void**)
{
    const auto wrong_version = static_cast<std::int32_t>(Status::wrong_version);
    int wrong = 0;
    for (const Row& row : checked)
        for (const std::uint32_t size : {0u, row.size - 8, row.size + 8, ~0u})
            wrong += status_after(row.call, size, invented_token) != wrong_version;
    assert_int_equal(wrong, 0);
}

void stale_and_invented_tokens_find_nothing(void**)
{
    const auto bad_state = static_cast<std::int32_t>(Status::bad_state);
    int wrong = 0;
    for (const Row& row : checked) // also shows that each number leads to the call of its name
        for (const std::uint64_t token : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{256},
                                          invented_token, ~std::uint64_t{0}})
            wrong += status_after(row.call, row.size, token) != bad_state;
    assert_int_equal(wrong, 0);
}

void a_run_without_an_engine_has_ended(void**)
{
    abi::RunParams params{};
    params.engine = invented_token;
    params.outcome = static_cast<std::uint8_t>(abi::RunOutcome::block_ready);
    __wine_unix_call_funcs[static_cast<std::size_t>(abi::Call::run)](&params);
    assert_int_equal(params.outcome, static_cast<std::uint8_t>(abi::RunOutcome::ended));
}

std::int32_t opened(abi::OpenParams& params)
{
    __wine_unix_call_funcs[static_cast<std::size_t>(abi::Call::open)](&params);
    return params.head.status;
}

void halves_of_different_builds_do_not_open(void**)
{
    auto other_version = abi::make<abi::OpenParams>();
    other_version.version = abi::version + 1;
    auto other_size = abi::make<abi::OpenParams>();
    other_size.version = abi::version;
    other_size.head.size += 8;
    const auto wrong_version = static_cast<std::int32_t>(Status::wrong_version);
    assert_int_equal(opened(other_version), wrong_version);
    assert_int_equal(opened(other_size), wrong_version);
    assert_int_equal(other_version.engine, 0);
}

void open_without_a_daemon_says_so_within_the_message(void**)
{
    setenv("PIPEWIRE_RUNTIME_DIR", "/nonexistent", 1);
    setenv("PIPEWIRE_REMOTE", "nobody", 1);
    auto params = abi::make<abi::OpenParams>();
    params.version = abi::version;
    std::memset(params.program, 'x', sizeof params.program); // without a NUL
    std::memset(params.message, '#', sizeof params.message);
    const std::int32_t status = opened(params);
    const std::size_t bytes = strnlen(params.message, sizeof params.message);
    assert_int_equal(status, static_cast<std::int32_t>(Status::no_daemon));
    assert_int_equal(params.engine, 0);
    assert_in_range(bytes, 8, sizeof params.message - 1);
    assert_non_null(std::strstr(params.message, "PipeWire"));
}

/// What a log call with this many bytes writes into the log file.
std::string logged(std::uint32_t bytes)
{
    char path[] = "/tmp/asiowire-test-XXXXXX";
    const int file = mkstemp(path);
    setenv("ASIOWIRE_LOG", path, 1);
    auto params = abi::make<abi::LogParams>();
    std::memset(params.text, 'y', sizeof params.text);
    params.bytes = bytes;
    __wine_unix_call_funcs[static_cast<std::size_t>(abi::Call::log)](&params);
    std::vector<char> text(1000);
    const ssize_t got = read(file, text.data(), text.size());
    close(file);
    unlink(path);
    unsetenv("ASIOWIRE_LOG");
    return {text.data(), static_cast<std::size_t>(got < 0 ? 0 : got)};
}

void a_log_line_ends_where_its_text_ends(void**)
{
    constexpr std::size_t around = std::string_view("asiowire: warning: \n").size();
    const bool three = logged(3) == "asiowire: warning: yyy\n";
    const std::size_t absurd = logged(~0u).size();
    assert_true(three);
    assert_int_equal(absurd, around + sizeof(abi::LogParams::text));
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(both_tables_hold_the_same_complete_entries),
        cmocka_unit_test(params_of_another_size_are_another_version),
        cmocka_unit_test(stale_and_invented_tokens_find_nothing),
        cmocka_unit_test(a_run_without_an_engine_has_ended),
        cmocka_unit_test(halves_of_different_builds_do_not_open),
        cmocka_unit_test(open_without_a_daemon_says_so_within_the_message),
        cmocka_unit_test(a_log_line_ends_where_its_text_ends),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
