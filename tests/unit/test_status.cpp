// SPDX-License-Identifier: MIT
#include "asio/asio_error.hpp"
#include "core/status.hpp"

#include <cctype>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "tests/cmocka.hpp"

using namespace asiowire;

namespace {

const std::string unknown = sentence(static_cast<Status>(-1));

/// Every status there is: they are numbered from 0 without a hole.
const std::vector<Status> all = [] {
    std::vector<Status> found;
    for (int i = 0; sentence(static_cast<Status>(i)) != unknown; i++)
        found.push_back(static_cast<Status>(i));
    return found;
}();

const std::set<std::int32_t> asio_errors = {
    asio::ASE_NotPresent,   asio::ASE_HWMalfunction, asio::ASE_InvalidParameter,
    asio::ASE_InvalidMode,  asio::ASE_SPNotAdvancing, asio::ASE_NoClock,
    asio::ASE_NoMemory,
};

std::size_t different_sentences()
{
    std::set<std::string> sentences{unknown};
    for (const Status status : all) sentences.insert(sentence(status));
    return sentences.size();
}

void every_status_has_a_sentence_of_its_own(void**)
{
    const bool no_hole = static_cast<int>(all.size()) > static_cast<int>(Status::clock_held);
    assert_true(no_hole);
    assert_int_equal(different_sentences(), all.size() + 1);
}

void a_number_that_is_no_status_is_an_unknown_error(void**)
{
    int wrong = 0;
    for (const int number : {-1, 1000, INT32_MAX, INT32_MIN})
        wrong += sentence(static_cast<Status>(number)) != unknown;
    assert_int_equal(wrong, 0);
    assert_false(unknown.empty());
}

void every_sentence_fits_where_asio_hosts_read_it(void**)
{
    constexpr std::size_t error_message_bytes = 124; // with its NUL
    int wrong = 0;
    for (const Status status : all) {
        const char* const text = sentence(status);
        const std::size_t bytes = std::strlen(text);
        wrong += bytes < 8 || bytes >= error_message_bytes || text[bytes - 1] == '.';
    }
    assert_int_equal(wrong, 0);
}

void every_status_but_ok_is_an_asio_error(void**)
{
    int wrong = 0;
    for (const Status status : all)
        wrong += status != Status::ok && !asio_errors.contains(asio_error(status));
    assert_int_equal(wrong, 0);
    assert_int_equal(asio_error(Status::ok), 0);
    assert_int_equal(asio_error(static_cast<Status>(1000)), -999); // ASE_HWMalfunction
}

void the_asio_error_table_is_what_hosts_expect(void**)
{
    // By their published numbers: a wrong name in our own header would be found here.
    const struct {
        Status status;
        std::int32_t error;
    } rows[] = {
        {Status::no_daemon, -1000},       {Status::no_unix_half, -1000},
        {Status::unknown_device, -1000},  {Status::unsupported, -1000},
        {Status::bad_argument, -998},     {Status::bad_state, -997},
        {Status::position_unknown, -996}, {Status::no_clock, -995},
        {Status::no_memory, -994},        {Status::wrong_version, -999},
        {Status::thread_lost, -999},      {Status::system_error, -999},
        {Status::clock_held, -997},
    };
    int wrong = 0;
    for (const auto& row : rows) wrong += asio_error(row.status) != row.error;
    assert_int_equal(wrong, 0);
    assert_int_equal(std::size(rows) + 1, all.size()); // a new status wants a row here
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_sentence_of_its_own),
        cmocka_unit_test(a_number_that_is_no_status_is_an_unknown_error),
        cmocka_unit_test(every_sentence_fits_where_asio_hosts_read_it),
        cmocka_unit_test(every_status_but_ok_is_an_asio_error),
        cmocka_unit_test(the_asio_error_table_is_what_hosts_expect),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
