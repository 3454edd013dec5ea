// SPDX-License-Identifier: MIT
#include "asio/asio_error.hpp"
#include "asio/buffer_request.hpp"
#include "asio/future.hpp"
#include "asio/host.hpp"

#include <cstring>
#include <vector>

#include "tests/cmocka.hpp"

using namespace asiowire;

namespace {

// ASIO's published numbers, not our names for them.
constexpr std::int32_t not_present = -1000;
constexpr std::int32_t invalid_parameter = -998;
constexpr std::int32_t invalid_mode = -997;

constexpr BufferLimits limits = {.inputs = 2, .outputs = 4, .min_block = 16, .max_block = 8192};

void ASIO_CALLBACK nothing(std::int32_t, asio::Bool) {}

asio::Time* ASIO_CALLBACK nothing_with_time(asio::Time*, std::int32_t, asio::Bool)
{
    return nullptr;
}

asio::Callbacks switch_only()
{
    asio::Callbacks callbacks{};
    callbacks.buffer_switch = &nothing;
    return callbacks;
}

std::int32_t request(const std::vector<asio::BufferInfo>& infos, std::int32_t frames,
                     const BufferLimits& within = limits)
{
    const asio::Callbacks callbacks = switch_only();
    const auto count = static_cast<std::int32_t>(infos.size());
    return asio_error(check_request(infos.data(), count, frames, &callbacks, within).status);
}

void sensible_requests_are_taken(void**)
{
    int wrong = 0;
    for (const std::int32_t frames : {16, 17, 100, 441, 8191, 8192})
        wrong += request({{0, 0, {}}}, frames) != 0;
    assert_int_equal(wrong, 0);
    assert_int_equal(request({{1, 0, {}}}, 64), 0);                           // no outputs
    assert_int_equal(request({{0, 2, {}}, {0, 3, {}}}, 64), 0);               // outputs 3 and 4
    assert_int_equal(request({{1, 0, {}}, {1, 0, {}}, {0, 0, {}}}, 64), 0);   // the same one twice
}

void sizes_and_channels_that_are_not_there_are_an_invalid_mode(void**)
{
    int wrong = 0;
    for (const std::int32_t frames : {INT32_MIN, -64, -1, 0, 1, 15, 8193, INT32_MAX})
        wrong += request({{0, 0, {}}}, frames) != invalid_mode;
    for (const std::int32_t channel : {INT32_MIN, -1, 4, 63, 64, INT32_MAX})
        wrong += request({{0, 1, {}}, {0, channel, {}}}, 64) != invalid_mode;
    for (const std::int32_t channel : {-1, 2, 3}) // fewer inputs than outputs
        wrong += request({{1, channel, {}}}, 64) != invalid_mode;
    for (const std::int32_t is_input : {-1, 2, 7})
        wrong += request({{is_input, 0, {}}}, 64) != invalid_mode;
    assert_int_equal(wrong, 0);
}

void a_fixed_size_takes_no_other(void**)
{
    BufferLimits fixed = limits;
    fixed.min_block = fixed.max_block = 480;
    assert_int_equal(request({{0, 0, {}}}, 480, fixed), 0);
    assert_int_equal(request({{0, 0, {}}}, 479, fixed), invalid_mode);
    assert_int_equal(request({{0, 0, {}}}, 512, fixed), invalid_mode);
}

void pointers_and_counts_that_cannot_be_are_an_invalid_parameter(void**)
{
    const asio::Callbacks callbacks = switch_only();
    const asio::Callbacks empty{};
    const asio::BufferInfo info{0, 0, {}};
    const auto code = [&](const asio::BufferInfo* infos, std::int32_t count,
                          const asio::Callbacks* host) {
        return asio_error(check_request(infos, count, 64, host, limits).status);
    };
    assert_int_equal(code(nullptr, 1, &callbacks), invalid_parameter);
    assert_int_equal(code(&info, 1, nullptr), invalid_parameter);
    assert_int_equal(code(&info, 1, &empty), invalid_parameter);
    for (const std::int32_t count : {INT32_MIN, -1, 0, 257, INT32_MAX})
        assert_int_equal(code(&info, count, &callbacks), invalid_parameter);
}

void a_channel_asked_for_twice_is_one_channel(void**)
{
    const asio::BufferInfo infos[] = {{0, 3, {}}, {1, 0, {}}, {0, 3, {}}, {1, 1, {}}, {0, 0, {}}};
    const ChannelMasks masks = channel_masks(infos, 5);
    assert_int_equal(masks.inputs, 0b11);
    assert_int_equal(masks.outputs, 0b1001);
    const asio::BufferInfo last{1, 63, {}};
    assert_true(channel_masks(&last, 1).inputs == std::uint64_t{1} << 63);
}

std::int32_t future(std::int32_t selector, void* param = nullptr)
{
    return asio_error(answer_future(selector, param).status);
}

void the_driver_says_yes_to_time_info_and_overload_reports(void**)
{
    assert_int_equal(future(10), 0);         // kAsioCanTimeInfo
    assert_int_equal(future(0x24042012), 0); // kAsioCanReportOverload
}

void what_asio_knows_and_the_driver_does_not_do_is_not_present(void**)
{
    int wrong = 0;
    for (std::int32_t selector = 1; selector <= 17; selector++)
        wrong += selector != 10 && future(selector) != not_present;
    assert_int_equal(wrong, 0);
}

void what_asio_does_not_know_is_an_invalid_parameter(void**)
{
    int wrong = 0;
    for (const std::int32_t selector : {INT32_MIN, -1, 0, 18, 12345, INT32_MAX})
        wrong += future(selector) != invalid_parameter;
    assert_int_equal(wrong, 0);
}

void pcm_is_the_one_format(void**)
{
    constexpr std::int32_t set = 0x23111961;
    constexpr std::int32_t get = 0x23111983;
    constexpr std::int32_t can = 0x23112004;
    for (const std::int32_t selector : {set, get, can})
        assert_int_equal(future(selector), invalid_parameter); // a null pointer
    asio::IoFormat format{};
    for (const std::int32_t selector : {set, can}) {
        format.type = 0;
        assert_int_equal(future(selector, &format), 0);
        assert_int_equal(format.type, 0);
        for (const std::int32_t other : {1, 2, -7, INT32_MAX}) {
            format.type = other;
            assert_int_equal(future(selector, &format), not_present);
            assert_int_equal(format.type, -1); // "will have had its value changed to -1"
        }
    }
    assert_int_equal(future(get, &format), 0);
    assert_int_equal(format.type, 0);
}

/// A host that lists some selectors and notes what it is told.
struct Listener {
    std::vector<std::int32_t> listed;
    std::vector<std::int32_t> told;
    std::int32_t value = 0;
    double rate = 0;
} listener;

std::int32_t ASIO_CALLBACK hear(std::int32_t selector, std::int32_t value, void*, double*)
{
    if (selector == 1) {
        for (const std::int32_t known : listener.listed)
            if (known == value) return 1;
        return 0;
    }
    listener.told.push_back(selector);
    listener.value = value;
    return selector == 7; // kAsioSupportsTimeInfo
}

void ASIO_CALLBACK hear_rate(double rate)
{
    listener.rate = rate;
}

void a_host_is_told_only_what_it_lists(void**)
{
    asio::Callbacks callbacks = switch_only();
    callbacks.asio_message = &hear;
    listener = {.listed = {3, 4}, .told = {}};
    const Host host(callbacks);
    for (const auto selector : {asio::kAsioResetRequest, asio::kAsioResyncRequest,
                                asio::kAsioLatenciesChanged, asio::kAsioOverload})
        host.tell(selector);
    host.tell(asio::kAsioBufferSizeChange, 480);
    assert_int_equal(listener.told.size(), 2);
    assert_int_equal(listener.told[0], 3);
    assert_int_equal(listener.told[1], 4);
    assert_int_equal(listener.value, 480);
}

void a_host_without_handlers_is_told_nothing(void**)
{
    listener = {};
    const Host silent(switch_only());
    silent.tell(asio::kAsioResetRequest);
    silent.tell_rate(44100);
    assert_int_equal(listener.told.size(), 0);
    assert_true(listener.rate == 0);
    asio::Callbacks callbacks = switch_only();
    callbacks.sample_rate_did_change = &hear_rate;
    Host(callbacks).tell_rate(44100);
    assert_true(listener.rate == 44100);
}

void time_info_goes_to_hosts_that_list_it_or_have_nothing_else(void**)
{
    asio::Callbacks callbacks = switch_only();
    callbacks.asio_message = &hear;
    listener = {.listed = {7}, .told = {}};
    assert_false(Host(callbacks).wants_time_info()); // no such callback
    assert_int_equal(listener.told.size(), 0);
    callbacks.buffer_switch_time_info = &nothing_with_time;
    assert_true(Host(callbacks).wants_time_info());
    listener = {};
    assert_false(Host(callbacks).wants_time_info()); // not listed, so not asked
    assert_int_equal(listener.told.size(), 0);
    callbacks.buffer_switch = nullptr;
    assert_true(Host(callbacks).wants_time_info());
    callbacks.asio_message = nullptr;
    assert_true(Host(callbacks).wants_time_info());
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(sensible_requests_are_taken),
        cmocka_unit_test(sizes_and_channels_that_are_not_there_are_an_invalid_mode),
        cmocka_unit_test(a_fixed_size_takes_no_other),
        cmocka_unit_test(pointers_and_counts_that_cannot_be_are_an_invalid_parameter),
        cmocka_unit_test(a_channel_asked_for_twice_is_one_channel),
        cmocka_unit_test(the_driver_says_yes_to_time_info_and_overload_reports),
        cmocka_unit_test(what_asio_knows_and_the_driver_does_not_do_is_not_present),
        cmocka_unit_test(what_asio_does_not_know_is_an_invalid_parameter),
        cmocka_unit_test(pcm_is_the_one_format),
        cmocka_unit_test(a_host_is_told_only_what_it_lists),
        cmocka_unit_test(a_host_without_handlers_is_told_nothing),
        cmocka_unit_test(time_info_goes_to_hosts_that_list_it_or_have_nothing_else),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
