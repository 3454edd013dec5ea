// SPDX-License-Identifier: MIT
#include "pipewire/status_file.hpp"
#include "tests/scratch.hpp"
#include "tools/asiowire/status.hpp"

#include "tests/cmocka.hpp"

// Every figure of a page under its own name, in JSON and in the table; names that are no good text.

using namespace asiowire;

namespace {

/// A page in which no two figures are the same.
void fill(StatusFile& file)
{
    file.tell([](PageFacts& facts) {
        put(facts.program, "a \"b\" \\");
        put(facts.node, "n\303\244me");          // UTF-8
        put(facts.playback, "sink\033[2J\n");    // what would clear a terminal
        put(facts.capture, "\377\300\200x\303"); // no UTF-8
        put(facts.scheduling, "FIFO");
        facts.state = PageState::hanging;
        facts.inputs = 1;
        facts.outputs = 2;
        facts.block = 3;
        facts.quantum = 4;
        facts.fifo_delay = 5;
        facts.budget = 6;
        facts.input_latency = 7;
        facts.output_latency = 8;
        facts.rate = 9;
        facts.sample_type = 3;
        facts.buffered = 1;
        facts.runs = 10;
        facts.hangs = 11;
    });
    StatusPage& page = file.page();
    page.opened = 12;
    page.number = 13;
    page.counters.cycles = 14;
    page.counters.blocks = 15;
    page.counters.gaps = 16;
    page.counters.overruns = 17;
    page.counters.late = 18;
    page.counters.xruns_ours = 19;
    page.counters.xruns_device = 20;
    page.counters.woken_late = 21;
    for (int i = 0; i < 99; i++) page.wake.add(22); // below 64 they are exact
    page.wake.add(23);
    page.host.add(24);
    page.own.add(25);
}

struct Reports {
    std::string json;
    std::string table;
};

/// What a driver's control socket answers; no two figures are the same.
constexpr char answer[] =
    R"({"state": "recording", "folder": "/srv/a \"take\"", "message": "", "frames": 173676000, )"
    R"("rate": 48000, "channels": 32, "takes": 31, "gaps": 33, "gap_frames": 34, )"
    R"("graph_xruns": 35, "marks": 36, "dropped_frames": 37, "free_bytes": 33177600000, )"
    R"("ring_permille": 38, "ring_highest_permille": 405})";

Reports report(const char* told = nullptr)
{
    const scratch::Folder below("/dev/shm/asiowire-report");
    const std::string folder = below.path + "/asiowire";
    std::string why;
    const auto file = StatusFile::create(folder, why);
    fill(*file);
    const auto pages = find_pages(folder);
    Recordings recordings;
    if (told != nullptr) recordings.emplace(pages[0].path, *Recording::of(told));
    return {as_json(pages, recordings), as_table(pages, recordings)};
}

void json_names_every_figure(void**)
{
    static std::string expected; // a failed assertion jumps past destructors
    static std::string told;
    expected =
        R"({"drivers": [{"program": "a \"b\" \\", "node": "näme", "pid": )" +
        std::to_string(getpid()) +
        R"(, "number": 13, "opened": 12, "alive": true, "state": "host hangs", )"
        R"("playback": "sink?[2J?", "capture": "???x?", "inputs": 1, "outputs": 2, "block": 3, )"
        R"("quantum": 4, "rate": 9, "sample_type": "int24", "schedule": "buffered", )"
        R"("scheduling": "FIFO", "latency": {"input": 7, "output": 8, "fifo_delay": 5, )"
        R"("budget": 6}, "runs": 10, "hangs": 11, "cycles": 14, "blocks": 15, "gaps": 16, )"
        R"("overruns": 17, "late_blocks": 18, "xruns": {"ours": 19, "device": 20, )"
        R"("woken_late": 21}, "recording": null, "times_us": {"wake": {"p50": 0.022, "p99": 0.022, "max": 0.023}, )"
        R"("host": {"p50": 0.024, "p99": 0.024, "max": 0.024}, )"
        R"("own": {"p50": 0.025, "p99": 0.025, "max": 0.025}}}]})"
        "\n";
    told = report().json;
    assert_string_equal(told.c_str(), expected.c_str());
}

void the_table_names_every_figure(void**)
{
    static std::string missing;
    const std::string table = report().table;
    for (const char* words :
         {"node n\303\244me): host hangs\n", "sink?[2J?, 2 channels\n", "???x?, 1 channels\n",
          "3, 4 frames, 9 Hz\n", "int24, buffered\n", "7, 8 frames (re-blocking 5, schedule 6)\n",
          "FIFO\n", "14, 15\n", "19 ours, 20 the device's, 21 woken late\n", "16, 17\n", "18, 11\n"})
        if (table.find(words) == std::string::npos) missing += words;
    assert_string_equal(missing.c_str(), "");
}

void a_recording_is_told_in_both(void**)
{
    static Reports told;
    static std::string json;
    told = report(answer);
    json = told.json.substr(told.json.find("\"recording\": "));
    json.resize(json.find(", \"times_us\""));
    assert_string_equal(
        json.c_str(),
        R"("recording": {"state": "recording", "take": "a \"take\"", "folder": "/srv/a \"take\"", )"
        R"("message": "", "seconds": 3618.250, "frames": 173676000, "rate": 48000, "channels": 32, )"
        R"("gaps": 33, "gap_frames": 34, "graph_xruns": 35, "marks": 36, "ring_permille": 38, )"
        R"("ring_highest_permille": 405, "free_bytes": 33177600000, "free_seconds": 7200.000})");
    assert_true(told.table.contains("  recording              a \"take\", 1:00:18, 32 channels\n"));
    assert_true(told.table.contains("  lost, graph xruns      34 frames in 33 gaps, 35\n"));
    assert_true(told.table.contains(
        "  ring, disk             3.8 % full (highest 40.5 %), room for 2:00:00\n"));
}

void what_does_not_record_says_so(void**)
{
    const auto with = [](std::string state, const std::string& message) {
        std::string told = answer;
        told.replace(told.find("recording"), 9, state);
        told.insert(told.find("\"message\": \"") + 12, message);
        return report(told.c_str()).table;
    };
    assert_true(with("idle", "").contains("  recording              no\n"));
    assert_true(with("waiting", "").contains("waits for the program to start its audio\n"));
    assert_true(with("failed", "the disk is full").contains("failed: the disk is full\n"));
    assert_false(report().table.contains("recording "));
}

void an_answer_that_is_none_is_left_out(void**)
{
    assert_true(Recording::of(std::string(answer).replace(36, 1, "\377")).has_value()); // no UTF-8
    for (const char* words : {"", "{", "[]", "nothing has been recorded", R"({"state": "idle"})",
                              R"({"state": 1, "folder": 2})"})
        assert_false(Recording::of(words).has_value());
}

void no_driver_is_an_empty_list_and_an_empty_table(void**)
{
    assert_true(as_json({}, {}) == "{\"drivers\": []}\n");
    assert_true(as_table({}, {}).empty());
}

void half_characters_and_false_ones_become_question_marks(void**)
{
    assert_true(clean("\342\202\254 \360\237\216\265") == "\342\202\254 \360\237\216\265");
    assert_true(clean("\342\202") == "??");         // cut off
    assert_true(clean("\355\240\200") == "???");    // half a surrogate pair
    assert_true(clean("\300\257") == "??");         // a slash in two bytes
    assert_true(clean("\364\220\200\200") == "????"); // beyond the last character
    assert_true(clean(std::string_view("a\0\177b", 4)) == "a??b");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(json_names_every_figure),
        cmocka_unit_test(the_table_names_every_figure),
        cmocka_unit_test(a_recording_is_told_in_both),
        cmocka_unit_test(what_does_not_record_says_so),
        cmocka_unit_test(an_answer_that_is_none_is_left_out),
        cmocka_unit_test(no_driver_is_an_empty_list_and_an_empty_table),
        cmocka_unit_test(half_characters_and_false_ones_become_question_marks),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
