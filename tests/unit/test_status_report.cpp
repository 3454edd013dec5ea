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

Reports report()
{
    const scratch::Folder below("/dev/shm/asiowire-report");
    const std::string folder = below.path + "/asiowire";
    std::string why;
    const auto file = StatusFile::create(folder, why);
    fill(*file);
    const auto pages = find_pages(folder);
    return {as_json(pages), as_table(pages)};
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
        R"("woken_late": 21}, "times_us": {"wake": {"p50": 0.022, "p99": 0.022, "max": 0.023}, )"
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

void no_driver_is_an_empty_list_and_an_empty_table(void**)
{
    assert_true(as_json({}) == "{\"drivers\": []}\n");
    assert_true(as_table({}).empty());
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
        cmocka_unit_test(no_driver_is_an_empty_list_and_an_empty_table),
        cmocka_unit_test(half_characters_and_false_ones_become_question_marks),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
