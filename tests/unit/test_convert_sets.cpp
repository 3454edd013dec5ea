// SPDX-License-Identifier: MIT
#include "core/convert.hpp"

#include <cstring>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <sys/mman.h>

#include "tests/cmocka.hpp"
#include "tests/unit/convert_sets.hpp"

// Every instruction set writes the same bits as plain code does, and touches no byte but its own.

using namespace asiowire;

namespace {

constexpr std::size_t kLongest = 200;
constexpr std::size_t kPage = 4096;

struct Direction {
    Convert plain;
    Convert other;
    std::size_t from_bytes; // of a sample
    std::size_t to_bytes;
};

/// Both directions of every type.
std::vector<Direction> directions(InstructionSet set)
{
    std::vector<Direction> all;
    for (const SampleType type : kTypes) {
        const Converter plain = converter(type, InstructionSet::scalar);
        const Converter other = converter(type, set);
        const std::size_t bytes = bytes_per_sample(type);
        all.push_back({plain.from_float, other.from_float, sizeof(float), bytes});
        all.push_back({plain.to_float, other.to_float, bytes, sizeof(float)});
    }
    return all;
}

void fill(std::mt19937& random, std::vector<unsigned char>& bytes)
{
    for (unsigned char& byte : bytes)
        byte = static_cast<unsigned char>(random());
}

/// Random bits, and floats of which every other one is in the range of sound.
void fill_floats(std::mt19937& random, std::vector<unsigned char>& bytes)
{
    std::uniform_real_distribution<float> loud(-1.2f, 1.2f);
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
        const float sample = loud(random);
        std::memcpy(bytes.data() + i, &sample, sizeof sample);
    }
}

long differences_in_long_runs(InstructionSet set)
{
    constexpr std::size_t samples = 1 << 16;
    std::mt19937 random(1);
    long different = 0;
    std::vector<unsigned char> from(8 * samples), plain(8 * samples), other(8 * samples);
    for (int round = 0; round < 8; round++) {
        fill(random, from);
        if (round % 2 == 1) fill_floats(random, from);
        for (const Direction& way : directions(set)) {
            way.plain(plain.data(), from.data(), samples);
            way.other(other.data(), from.data(), samples);
            different += plain != other;
        }
    }
    return different;
}

/// Every length, every misalignment; the bytes around the output are compared, too.
long differences_in_short_runs(InstructionSet set)
{
    constexpr std::size_t room = 8 * kLongest + 128;
    std::mt19937 random(2);
    std::vector<unsigned char> from(room);
    fill(random, from);
    fill_floats(random, from);
    long different = 0;
    for (const Direction& way : directions(set)) {
        for (std::size_t length = 0; length <= kLongest; length++) {
            for (std::size_t shift = 0; shift < 64; shift++) {
                std::vector<unsigned char> plain(room, 0xa5), other(room, 0xa5);
                const std::size_t to_shift = (5 * shift + length) % 64;
                way.plain(plain.data() + to_shift, from.data() + shift, length);
                way.other(other.data() + to_shift, from.data() + shift, length);
                different += plain != other;
                different += plain[to_shift + length * way.to_bytes] != 0xa5;
            }
        }
    }
    return different;
}

/// One page of memory between two that nobody may touch.
class GuardedPage {
public:
    GuardedPage()
        : start_(static_cast<unsigned char*>(
              mmap(nullptr, 3 * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)))
    {
        mprotect(start_ + kPage, kPage, PROT_READ | PROT_WRITE);
    }
    ~GuardedPage() { munmap(start_, 3 * kPage); }
    GuardedPage(const GuardedPage&) = delete;
    GuardedPage& operator=(const GuardedPage&) = delete;

    unsigned char* first() const { return start_ + kPage; }
    unsigned char* last(std::size_t bytes) const { return start_ + 2 * kPage - bytes; }

private:
    unsigned char* start_;
};

/// The memory before and behind input and output is forbidden: a touch ends the program.
long runs_between_guards(InstructionSet set)
{
    const GuardedPage from, to;
    long runs = 0;
    for (const Direction& way : directions(set)) {
        for (std::size_t length = 0; length <= kLongest; length++) {
            way.other(to.first(), from.first(), length);
            way.other(to.last(length * way.to_bytes), from.last(length * way.from_bytes), length);
            runs++;
        }
    }
    return runs;
}

void skip_without(InstructionSet set, const char* name)
{
    if (set <= best_instruction_set()) return;
    print_message("skipped: this processor has no %s\n", name);
    skip();
}

void check_bits(InstructionSet set)
{
    assert_int_equal(differences_in_long_runs(set), 0);
    assert_int_equal(differences_in_short_runs(set), 0);
}

void plain_code_touches_no_byte_beyond_its_samples(void**)
{
    assert_int_equal(differences_in_short_runs(InstructionSet::scalar), 0);
    assert_int_equal(runs_between_guards(InstructionSet::scalar), 10 * (kLongest + 1));
}

void on_a_processor_with_avx2_it_gives_the_bits_of_plain_code(void**)
{
    skip_without(InstructionSet::avx2, "AVX2");
    check_bits(InstructionSet::avx2);
}

void on_a_processor_with_avx2_it_touches_no_byte_beyond_its_samples(void**)
{
    skip_without(InstructionSet::avx2, "AVX2");
    assert_int_equal(runs_between_guards(InstructionSet::avx2), 10 * (kLongest + 1));
}

/// The kernel's list of what the first processor can do.
bool kernel_lists(const std::string& wanted)
{
    std::ifstream file("/proc/cpuinfo");
    std::string line;
    while (std::getline(file, line)) {
        if (!line.starts_with("flags")) continue;
        std::istringstream words(line);
        for (std::string word; words >> word;)
            if (word == wanted) return true;
        return false;
    }
    return false;
}

void the_best_set_is_the_one_the_kernel_lists(void**)
{
    const auto expected =
        kernel_lists("avx2") ? InstructionSet::avx2 : InstructionSet::scalar;
    assert_true(best_instruction_set() == expected);
}

void a_set_that_is_not_there_stands_for_the_best(void**)
{
    for (const SampleType type : kTypes) {
        const Converter best = converter(type, best_instruction_set());
        const Converter asked = converter(type, InstructionSet::avx2);
        const Converter given = converter(type);
        assert_true(asked.from_float == best.from_float && asked.to_float == best.to_float);
        assert_true(given.from_float == best.from_float && given.to_float == best.to_float);
    }
}

void each_set_has_code_of_its_own(void**)
{
    // Otherwise the comparisons above would compare a function with itself.
    for (const InstructionSet set : sets_here()) {
        if (set == InstructionSet::scalar) continue;
        const auto below = static_cast<InstructionSet>(static_cast<int>(set) - 1);
        for (const SampleType type : kTypes) {
            if (type == SampleType::float32) continue; // the C library's copy in all of them
            assert_true(converter(type, set).from_float != converter(type, below).from_float);
            assert_true(converter(type, set).to_float != converter(type, below).to_float);
        }
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(plain_code_touches_no_byte_beyond_its_samples),
        cmocka_unit_test(on_a_processor_with_avx2_it_gives_the_bits_of_plain_code),
        cmocka_unit_test(on_a_processor_with_avx2_it_touches_no_byte_beyond_its_samples),
        cmocka_unit_test(the_best_set_is_the_one_the_kernel_lists),
        cmocka_unit_test(a_set_that_is_not_there_stands_for_the_best),
        cmocka_unit_test(each_set_has_code_of_its_own),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
