// SPDX-License-Identifier: MIT
#include "hooks/runner/take_results.hpp"
#include "tests/scratch.hpp"

#include <chrono>
#include <fstream>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include "tests/cmocka.hpp"

// Which lines come into which take's folder, at which frame, and when.

using namespace asiowire::hooks;
using Lines = std::vector<std::string>;

namespace {

/// A stream, its takes as somebody else would tell them, and one hook.
struct Studio {
    scratch::Folder folder{"/tmp/asiowire-results"};
    HookSpec spec;
    std::shared_ptr<TakeNews> news = std::make_shared<TakeNews>();
    Feed feed;
    std::unique_ptr<Scribe> scribe = std::make_unique<Scribe>();
    std::unique_ptr<TakeResults> results;

    Studio()
    {
        spec.name = "levels";
        spec.file = "/somewhere/levels.so";
        spec.channels = "outputs";
        spec.settings = {{"interval_ms", "50"}};
        news->channels = {"in_1", "out_1", "out_2"};
        feed.number = 1;
        feed.takes = news;
        results = std::make_unique<TakeResults>(spec, *scribe);
        turn();
    }
    void turn() { results->turn(&feed, false); }
    FedTake& take(std::uint64_t number, std::uint64_t position)
    {
        FedTake& made = news->takes[number];
        made.folder = folder.path + "/" + std::to_string(number);
        made.rate = 48000;
        made.places[position] = 0;
        mkdir(made.folder.c_str(), 0700);
        return made;
    }
    void number(std::uint64_t position, double value)
    {
        Message message;
        message.said = Said::number;
        message.position = position;
        message.name = "x";
        message.value = value;
        results->hear(message);
    }
    /// What a take's file holds once everything is written.
    Lines finish(std::uint64_t take, const std::string& name = "levels.jsonl")
    {
        results.reset();
        scribe.reset();
        std::ifstream file(folder.path + "/" + std::to_string(take) + "/hooks/" + name);
        Lines lines;
        for (std::string line; std::getline(file, line);) lines.push_back(line);
        return lines;
    }
};

std::string x(std::uint64_t frame, int value)
{
    return "{\"kind\": \"result\", \"frame\": " + std::to_string(frame) +
           ", \"name\": \"x\", \"value\": " + std::to_string(value) + "}";
}

bool same(const Lines& found, std::size_t from, const Lines& expected)
{
    bool same = found.size() == from + expected.size();
    for (std::size_t i = 0; same && i < expected.size(); i++)
        same = found[from + i] == expected[i];
    for (std::size_t i = 0; !same && i < found.size(); i++) print_error("%s\n", found[i].c_str());
    return same;
}

void the_first_line_says_what_was_heard_and_how(void**)
{
    Studio studio;
    studio.take(1, 700);
    studio.turn();
    const Lines lines = studio.finish(1);
    assert_true(same(lines, 0,
                     {R"({"kind": "begin", "version": 1, "hook": "levels", )"
                      R"("file": "/somewhere/levels.so", "settings": {"interval_ms": "50"}, )"
                      R"("channels": [{"name": "out_1", "track": 2}, {"name": "out_2", "track": 3}], )"
                      R"("rate": 48000, "position": 700})",
                      R"({"kind": "end", "lines": 0, "missed": 0, )"
                      R"("why": "the hook was removed, or its runner ended"})"}));
}

void results_lie_at_the_takes_own_frames_and_others_are_left_out(void**)
{
    Studio studio;
    for (std::uint64_t position = 900; position < 2000; position += 100)
        studio.number(position, static_cast<double>(position));
    FedTake& take = studio.take(1, 1100);
    take.places[1500] = 300; // 100 frames were missed before
    take.end = 1700;
    studio.news->decided = 1700;
    studio.turn();
    const Lines lines = studio.finish(1);
    assert_true(same(lines, 1,
                     {x(0, 1100), x(100, 1200), x(200, 1300), x(300, 1400), x(300, 1500),
                      x(400, 1600),
                      R"({"kind": "end", "frames": 500, "lines": 6, "missed": 0})"}));
}

void a_result_waits_until_its_place_is_certain(void**)
{
    Studio studio;
    FedTake& take = studio.take(1, 0);
    studio.number(100, 1);
    studio.number(200, 2);
    studio.news->decided = 150;
    studio.turn();
    take.places[200] = 120; // a slow disk tells of it late
    studio.news->decided = 300;
    studio.turn();
    take.end = 300;
    studio.number(300, 3);
    studio.turn();
    const Lines lines = studio.finish(1);
    assert_true(same(lines, 1,
                     {x(100, 1), x(120, 2),
                      R"({"kind": "end", "frames": 220, "lines": 2, "missed": 0})"}));
}

void takes_behind_each_other_get_their_own_results(void**)
{
    Studio studio;
    studio.take(1, 0).end = 200;
    studio.take(2, 200);
    for (std::uint64_t position = 0; position < 400; position += 100)
        studio.number(position, static_cast<double>(position));
    studio.news->decided = 400;
    studio.turn();
    studio.news->takes.at(2).end = 400;
    studio.number(400, 0);
    studio.turn();
    studio.results.reset();
    const Lines second = studio.finish(2);
    const Lines first = studio.finish(1);
    assert_true(same(first, 1,
                     {x(0, 0), x(100, 100),
                      R"({"kind": "end", "frames": 200, "lines": 2, "missed": 0})"}));
    assert_true(same(second, 1,
                     {x(0, 200), x(100, 300),
                      R"({"kind": "end", "frames": 200, "lines": 2, "missed": 0})"}));
}

void events_arrays_and_faults_are_lines_of_their_own(void**)
{
    Studio studio;
    studio.take(1, 0);
    const std::vector<float> values = {1, -0.5F};
    Message array;
    array.said = Said::array;
    array.name = "mel";
    array.values = values;
    studio.results->hear(array);
    Message event;
    event.said = Said::event;
    event.level = 1;
    event.text = "a \"word\"";
    studio.results->hear(event);
    studio.results->hear("fault", "it crashed");
    studio.news->decided = 10;
    studio.turn();
    const Lines lines = studio.finish(1);
    assert_int_equal(lines.size(), 5);
    assert_string_equal(lines[1].c_str(),
                        R"({"kind": "result", "frame": 0, "name": "mel", "value": [1, -0.5]})");
    assert_string_equal(
        lines[2].c_str(),
        R"({"kind": "event", "frame": 0, "level": "warning", "text": "a \"word\""})");
    assert_string_equal(lines[3].c_str(), R"({"kind": "fault", "frame": 0, "text": "it crashed"})");
}

void what_was_said_lately_is_kept_for_a_preroll(void**)
{
    Studio studio;
    studio.news->preroll_s = 60;
    studio.number(100, 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(2500)); // longer than without a preroll
    studio.turn();
    FedTake& take = studio.take(1, 0);
    take.end = 200;
    studio.number(200, 2);
    studio.turn();
    const Lines lines = studio.finish(1);
    assert_true(same(lines, 1, {x(100, 1),
                     R"({"kind": "end", "frames": 200, "lines": 1, "missed": 0})"}));
}

void too_much_that_waits_is_missed_and_counted(void**)
{
    Studio studio;
    studio.take(1, 0);
    const std::vector<float> values(16384, 1.0F);
    Message array;
    array.said = Said::array;
    array.name = "x";
    array.values = values;
    for (int i = 0; i < 300; i++) studio.results->hear(array); // 64 KiB each
    studio.news->decided = 10;
    studio.turn();
    const Lines lines = studio.finish(1);
    assert_true(lines.size() > 200 && lines.size() < 300);
    const std::uint64_t missed = 300 - (lines.size() - 3);
    assert_string_equal(lines[1].c_str(), ("{\"kind\": \"missed\", \"frame\": 0, \"lines\": " +
                                           std::to_string(missed) + "}").c_str());
    assert_true(lines.back().contains("\"missed\": " + std::to_string(missed)));
}

void a_recorder_that_was_killed_ends_the_file(void**)
{
    Studio studio;
    studio.take(1, 0);
    studio.number(0, 1);
    studio.news->decided = 10;
    studio.turn();
    studio.results->turn(nullptr, true);
    const Lines lines = studio.finish(1);
    assert_true(same(lines, 1, {x(0, 1),
                     R"({"kind": "end", "lines": 1, "missed": 0, )"
                     R"("why": "its recorder ended without a word"})"}));
}

void a_recorder_that_ends_the_take_and_goes_at_once_is_believed(void**)
{
    Studio studio;
    studio.take(1, 0);
    studio.number(0, 1);
    studio.turn();
    studio.news->takes.at(1).end = 100;
    studio.results->turn(nullptr, false);
    studio.number(50, 2); // said before the hook heard of the end
    studio.number(100, 3);
    studio.results->turn(nullptr, true);
    const Lines lines = studio.finish(1);
    assert_true(same(lines, 1, {x(0, 1), x(50, 2),
                     R"({"kind": "end", "frames": 100, "lines": 2, "missed": 0})"}));
}

void a_hook_that_comes_later_leaves_takes_that_are_over_alone(void**)
{
    Studio studio;
    studio.results.reset();
    studio.take(1, 0).end = 100;
    studio.results = std::make_unique<TakeResults>(studio.spec, *studio.scribe);
    studio.turn();
    studio.number(0, 1);
    studio.turn();
    assert_int_equal(studio.finish(1).size(), 0);
}

void a_file_that_is_there_is_left_alone(void**)
{
    Studio studio;
    studio.take(1, 0);
    const std::string hooks = studio.folder.path + "/1/hooks";
    mkdir(hooks.c_str(), 0700);
    std::ofstream(hooks + "/levels.jsonl") << "somebody else's\n";
    studio.turn();
    const Lines second = studio.finish(1, "levels-2.jsonl");
    const Lines first = studio.finish(1);
    assert_int_equal(first.size(), 1);
    assert_int_equal(second.size(), 2);
}

void a_folder_that_cannot_be_written_is_named(void**)
{
    Studio studio;
    studio.take(1, 0).folder = "/proc/nowhere";
    studio.turn();
    studio.results.reset();
    std::vector<Scribe::Complaint> found;
    for (int i = 0; i < 200 && found.empty(); i++) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        found = studio.scribe->complaints();
    }
    assert_int_equal(found.size(), 1);
    assert_string_equal(found[0].name.c_str(), "levels");
    assert_string_equal(found[0].why.c_str(), "/proc/nowhere: No such file or directory");
}

void lines_are_on_their_way_to_the_disk_after_a_second(void**)
{
    Studio studio;
    studio.take(1, 0);
    studio.turn();
    studio.number(0, 1);
    studio.news->decided = 10;
    studio.turn();
    std::size_t lines = 0;
    for (int i = 0; i < 250 && lines < 2; i++) { // generous: the machine may be busy
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        std::ifstream file(studio.folder.path + "/1/hooks/levels.jsonl");
        lines = 0;
        for (std::string line; std::getline(file, line);) lines++;
    }
    assert_int_equal(lines, 2);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_says_what_was_heard_and_how),
        cmocka_unit_test(results_lie_at_the_takes_own_frames_and_others_are_left_out),
        cmocka_unit_test(a_result_waits_until_its_place_is_certain),
        cmocka_unit_test(takes_behind_each_other_get_their_own_results),
        cmocka_unit_test(events_arrays_and_faults_are_lines_of_their_own),
        cmocka_unit_test(what_was_said_lately_is_kept_for_a_preroll),
        cmocka_unit_test(too_much_that_waits_is_missed_and_counted),
        cmocka_unit_test(a_recorder_that_was_killed_ends_the_file),
        cmocka_unit_test(a_recorder_that_ends_the_take_and_goes_at_once_is_believed),
        cmocka_unit_test(a_hook_that_comes_later_leaves_takes_that_are_over_alone),
        cmocka_unit_test(a_file_that_is_there_is_left_alone),
        cmocka_unit_test(a_folder_that_cannot_be_written_is_named),
        cmocka_unit_test(lines_are_on_their_way_to_the_disk_after_a_second),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
