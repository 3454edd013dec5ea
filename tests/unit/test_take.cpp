// SPDX-License-Identifier: MIT
// What a take refuses, and what happens to one that nobody finishes. What lies in its files is judged
// by others: tests/taps.

#include "taps/file_names.hpp"
#include "taps/take.hpp"
#include "taps/wav_header.hpp"
#include "tests/cmocka.hpp"
#include "tests/scratch.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

using namespace asiowire;
namespace fs = std::filesystem;

namespace {

TakeSettings settings(const fs::path& folder, std::size_t tracks = 2)
{
    TakeSettings wanted;
    wanted.folder = folder;
    wanted.name = "take";
    wanted.tracks.resize(tracks);
    return wanted;
}

std::string text_of(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string refusal(TakeSettings wanted)
{
    const auto begun = Take::begin(std::move(wanted));
    return begun ? "" : begun.error();
}

const std::vector<float> quiet(100'000);
const std::vector<const float*> two{quiet.data(), quiet.data()};
const std::vector<const float*> three{quiet.data(), quiet.data(), quiet.data()};

struct Tale {
    bool small = false, odd_kept = false, second = false;
    std::string odd, late, late_silence, twice;
    std::uint64_t frames = 0, marks = 0;
};

std::string said(const Take::Outcome& outcome)
{
    return outcome ? "" : outcome.error();
}

Tale blocks_and_endings()
{
    const scratch::Folder folder("/tmp/asiowire-take");
    Tale tale;
    auto take = Take::begin(settings(folder.path));
    if (!take) return tale;
    tale.small = take->write(two, 0).has_value() && take->write(two, 1).has_value();
    tale.odd = said(take->write(three, 10));
    tale.odd_kept = take->write(two, 10).has_value();
    tale.second = take->finish().has_value() && take->finish().has_value();
    tale.late = said(take->write(two, 10));
    tale.late_silence = said(take->silence(10));
    tale.twice = said(take->refresh());
    take->mark(0, "too late");
    tale.frames = take->counts().frames;
    tale.marks = take->counts().marks;
    return tale;
}

void a_block_of_other_channels_is_left_out_and_named(void**)
{
    const Tale tale = blocks_and_endings();
    assert_true(tale.small);
    assert_string_equal(tale.odd.c_str(), "a block of 3 channels for a take of 2 is left out");
    assert_true(tale.odd_kept);
    assert_int_equal(tale.frames, 11);
}

void what_comes_after_the_end_is_refused(void**)
{
    const Tale tale = blocks_and_endings();
    assert_true(tale.second);
    for (const std::string& text : {tale.late, tale.late_silence, tale.twice})
        assert_true(text.starts_with("the take ") && text.ends_with("/take is finished"));
    assert_int_equal(tale.marks, 0);
}

void a_take_that_nobody_finishes_is_finished_when_it_goes(void**)
{
    std::string log, other;
    {
        const scratch::Folder folder("/tmp/asiowire-take");
        {
            auto take = Take::begin(settings(folder.path));
            auto second = Take::begin(settings(folder.path));
            static_cast<void>(take->write(two, 77));
            *take = std::move(*second); // the first one lives on in the second
            static_cast<void>(take->write(two, 5));
        }
        log = text_of(fs::path(folder.path) / "take" / "take.jsonl");
        other = text_of(fs::path(folder.path) / "take-2" / "take.jsonl");
    }
    assert_non_null(std::strstr(log.c_str(), "\"end\", \"frames\": 77,"));
    assert_non_null(std::strstr(other.c_str(), "\"end\", \"frames\": 5,"));
}

void settings_that_make_no_take_are_refused_by_name(void**)
{
    std::string none, many, rate, high;
    {
        const scratch::Folder folder("/tmp/asiowire-take");
        none = refusal(settings(folder.path, 0));
        many = refusal(settings(folder.path, 257));
        TakeSettings wanted = settings(folder.path);
        wanted.rate = 0;
        rate = refusal(wanted);
        wanted.rate = 1'000'001;
        high = refusal(wanted);
    }
    assert_string_equal(none.c_str(), "a take has 1 to 256 tracks, not 0");
    assert_string_equal(many.c_str(), "a take has 1 to 256 tracks, not 257");
    assert_string_equal(rate.c_str(), "a take's rate is 1 to 1000000 Hz, not 0");
    assert_string_equal(high.c_str(), "a take's rate is 1 to 1000000 Hz, not 1000001");
}

void the_header_follows_within_half_a_second_of_audio(void**)
{
    bool never_behind = true;
    {
        const scratch::Folder folder("/tmp/asiowire-take");
        auto take = Take::begin(settings(folder.path));
        for (int i = 0; i < 300; i++) {
            static_cast<void>(take->write(two, 479));
            const std::string file = text_of(fs::path(folder.path) / "take" / "01 track 1.wav");
            std::uint32_t data = 0;
            std::memcpy(&data, file.data() + WavHeader::page - 4, sizeof data);
            never_behind &= take->counts().frames - data / 3 <= 24'000;
        }
    }
    assert_true(never_behind);
}

void gaps_that_follow_each_other_are_one(void**)
{
    std::uint64_t together = 0, apart = 0, frames = 0;
    {
        const scratch::Folder folder("/tmp/asiowire-take");
        auto take = Take::begin(settings(folder.path));
        for (int i = 0; i < 5; i++) static_cast<void>(take->silence(64));
        together = take->counts().gaps;
        static_cast<void>(take->write(two, 1));
        static_cast<void>(take->silence(64));
        apart = take->counts().gaps;
        frames = take->counts().gap_frames;
    }
    assert_int_equal(together, 1);
    assert_int_equal(apart, 2);
    assert_int_equal(frames, 6 * 64);
}

void a_size_field_is_trusted_to_its_limit_and_no_byte_further(void**)
{
    // By default the largest that cannot be taken for RF64's mark.
    WavHeader header(48000, 1, {}, TakeSettings().riff_limit);
    const std::uint64_t rest = header.size() - 8;
    header.set_sizes(0xffff'fffe - rest, 0);
    assert_memory_equal(header.bytes().data(), "RIFF\xfe\xff\xff\xffWAVEJUNK", 16);
    header.set_sizes(0xffff'fffe - rest, 1);
    assert_memory_equal(header.bytes().data(), "RF64\xff\xff\xff\xffWAVEds64", 16);
    std::uint64_t told[3];
    std::memcpy(told, header.bytes().data() + 20, sizeof told);
    assert_int_equal(told[0], 0xffff'ffff);
    assert_int_equal(told[1], 0xffff'fffe - rest);
    assert_int_equal(told[2], told[1] / 3);
    header.set_sizes(300, 0); // and back, when a take ends shorter than it was
    assert_memory_equal(header.bytes().data(), "RIFF", 4);
    assert_memory_equal(header.bytes().data() + 12, "JUNK\x1c\0\0\0\0\0\0\0", 12);
}

void names_are_safe_and_keep_what_they_can(void**)
{
    const struct {
        const char *name, *file;
    } cases[] = {
        {"Kick", "Kick"}, {"a/b\\c:d", "a_b_c_d"},  {"..", "x"},          {" . . ", "x"},
        {"", "x"},        {"AUX 1", "AUX 1"},       {"AUX", "AUX_"},      {"nul.txt", "nul_.txt"},
        {"LPT9", "LPT9_"}, {"LPTX", "LPTX"},        {".bash", "_bash"},   {"--help", "_-help"},
        {"Bass \xff", "Bass \xef\xbf\xbd"},         {"\x01", "x"},        {"\xc3\xa9t", "\xc3\xa9t"},
        {"\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, {"trail. ", "trail"},
    };
    for (const auto& one : cases)
        assert_string_equal(safe_file_name(one.name, "x").c_str(), one.file);
    std::string letters;
    for (int i = 0; i < 100; i++) letters += "\xe6\x97\xa5";
    assert_int_equal(safe_file_name(letters, "x").size(), 120);
    assert_int_equal(safe_file_name("a" + letters, "x").size(), 118);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_block_of_other_channels_is_left_out_and_named),
        cmocka_unit_test(what_comes_after_the_end_is_refused),
        cmocka_unit_test(a_take_that_nobody_finishes_is_finished_when_it_goes),
        cmocka_unit_test(settings_that_make_no_take_are_refused_by_name),
        cmocka_unit_test(the_header_follows_within_half_a_second_of_audio),
        cmocka_unit_test(gaps_that_follow_each_other_are_one),
        cmocka_unit_test(a_size_field_is_trusted_to_its_limit_and_no_byte_further),
        cmocka_unit_test(names_are_safe_and_keep_what_they_can),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
