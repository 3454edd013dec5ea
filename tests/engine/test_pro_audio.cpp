// SPDX-License-Identifier: MIT
#include "core/reblock.hpp"
#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"
#include "tests/engine/pro_audio.hpp"

#include "tests/cmocka.hpp"

// A card of 32 channels each way in the Pro Audio profile: channel for channel, whichever of its
// nodes is named.

using namespace engine_test;
using asiowire::DeviceEntry;

namespace {

constexpr std::uint64_t all_32 = 0xffff'ffff;
const std::string ours = "engine-test:";
const std::string sink = ProAudioCard::sink;
const std::string source = ProAudioCard::source;

struct Story {
    bool card = false;
    std::uint32_t inputs = 0;
    std::uint32_t outputs = 0;
    std::string third; // names of the third input and the eleventh output
    std::string eleventh;
    bool in_order = false;
    bool aliased = false; // our ports bear the device's names
    std::uint64_t compared = 0;
    std::uint64_t wrong = 1;
    std::int64_t round_trip = -1;
    std::string told;
};

bool linked_in_order()
{
    const auto links = all_links();
    bool all = true;
    for (int i = 0; i < ProAudioCard::channels; i++) {
        const std::string channel = std::to_string(i);
        const std::string port = std::to_string(i + 1);
        all &= links.contains({ours + "out_" + port, sink + ":playback_AUX" + channel});
        all &= links.contains({source + ":capture_AUX" + channel, ours + "in_" + port});
    }
    return all;
}

bool has_aliases()
{
    return std::system("pw-cli ls Port | grep -q 'port.alias = \"engine-test:Playback AUX10\"' && "
                       "pw-cli ls Port | grep -q 'port.alias = \"engine-test:Capture AUX2\"'") == 0;
}

Story run(const DeviceEntry& entry)
{
    const StateFolder state;
    const ProAudioCard card;
    Story story{.card = card.complete};
    auto opened = Engine::open("engine-test", story.told, entry);
    if (!opened) return story;
    Engine& engine = **opened;
    story.inputs = engine.device().inputs;
    story.outputs = engine.device().outputs;
    if (story.inputs != 32 || story.outputs != 32) return story;
    story.third = engine.device().input_names[2];
    story.eleventh = engine.device().output_names[10];
    Host host(engine, {.block = 256, .inputs = all_32, .outputs = all_32});
    if (host.start() != Status::ok || !card.connect()) return story;
    wait_until([&] { return host.sounding > 4; });
    host.listen_anew = true;
    host.wait_for_blocks(host.blocks + 200);
    story.in_order = linked_in_order();
    story.aliased = has_aliases();
    host.stop();
    const Ear all = host.heard();
    story.compared = all.compared;
    story.wrong = all.wrong;
    story.round_trip = all.round_trip;
    return story;
}

Story run_fairly(const DeviceEntry& entry)
{
    return fairly([&] { return run(entry); },
                  [](const Story& s) { return s.wrong == 0 && s.round_trip == 256; });
}

void check_card(const Story& story)
{
    assert_true(story.card);
    assert_int_equal(story.inputs, 32);
    assert_int_equal(story.outputs, 32);
    assert_string_equal(story.third.c_str(), "Capture AUX2");
    assert_string_equal(story.eleventh.c_str(), "Playback AUX10");
    assert_true(story.in_order);
    assert_true(story.aliased);
    assert_true(story.compared > 32 * 20'000);
    assert_int_equal(story.wrong, 0);
    assert_int_equal(story.round_trip, 256);
    assert_string_equal(story.told.c_str(), "");
}

void an_entry_that_names_the_sink_has_the_whole_card(void**)
{
    const Story story = run_fairly({.device = sink, .capture = ""});
    check_card(story);
}

void an_entry_that_names_the_source_has_the_whole_card(void**)
{
    const Story story = run_fairly({.device = source, .capture = ""});
    check_card(story);
}

void both_nodes_named_in_the_settings_are_the_card(void**)
{
    use_devices(ProAudioCard::sink, ProAudioCard::source);
    const Story story = run_fairly({});
    use_devices(nullptr, nullptr);
    check_card(story);
}

Story open_only(const DeviceEntry& entry)
{
    Story story;
    use_devices("sink-2", "sink-2"); // which an entry of its own goes before
    const auto opened = Engine::open("engine-test", story.told, entry);
    use_devices(nullptr, nullptr);
    if (!opened) return story;
    story.inputs = (*opened)->device().inputs;
    story.outputs = (*opened)->device().outputs;
    return story;
}

void a_sink_without_a_source_of_its_card_records_from_the_default_one(void**)
{
    const Story story = open_only({.device = "sink-32", .capture = ""});
    assert_int_equal(story.outputs, 32);
    assert_int_equal(story.inputs, 2);
}

void an_entry_may_name_another_node_to_record_from(void**)
{
    const Story story = open_only({.device = "sink-32", .capture = "sink-8"});
    assert_int_equal(story.outputs, 32);
    assert_int_equal(story.inputs, 8);
}

void an_entry_whose_card_is_not_there_says_so_and_uses_the_default_devices(void**)
{
    const Story story = open_only({.device = "nowhere", .capture = ""});
    assert_int_equal(story.outputs, 2);
    assert_string_equal(story.told.c_str(), "the ASIO entry names \"nowhere\", which is not in the "
                                            "graph; using the default device");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_that_names_the_sink_has_the_whole_card),
        cmocka_unit_test(an_entry_that_names_the_source_has_the_whole_card),
        cmocka_unit_test(both_nodes_named_in_the_settings_are_the_card),
        cmocka_unit_test(a_sink_without_a_source_of_its_card_records_from_the_default_one),
        cmocka_unit_test(an_entry_may_name_another_node_to_record_from),
        cmocka_unit_test(an_entry_whose_card_is_not_there_says_so_and_uses_the_default_devices),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
