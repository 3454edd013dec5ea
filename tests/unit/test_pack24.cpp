// SPDX-License-Identifier: MIT
#include "taps/pack24.hpp"
#include "taps/pack24_kernels.hpp"
#include "tests/unit/guarded.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "tests/cmocka.hpp"

// Every instruction set's kernels against a rule written in the C library's own rounding, with the
// memory before and after each block forbidden. AVX-512 runs natively where it exists and on every
// machine as SIMDe's model of it (authors of its own).

using namespace asiowire;

#ifdef ASIOWIRE_SIMDE
namespace asiowire {
extern const Pack24Kernels pack24_avx512_simde;
}
#endif

namespace {

enum class Rule { nearest, truncate, int32 };

struct Set {
    const char* name;
    const Pack24Kernels* kernels;

    const Pack24Kernel& kernel(Rule rule) const
    {
        return rule == Rule::nearest    ? kernels->nearest
               : rule == Rule::truncate ? kernels->truncate
                                        : kernels->int32;
    }
};

std::vector<Set> sets()
{
    std::vector<Set> found{{"scalar", &pack24_scalar}};
    if (best_simd() >= Simd::avx2) {
        found.push_back({"avx2", &pack24_avx2});
#ifdef ASIOWIRE_SIMDE
        found.push_back({"avx512 by SIMDe", &pack24_avx512_simde});
#endif
    }
    if (best_simd() >= Simd::avx512) found.push_back({"avx512", &pack24_avx512});
    return found;
}

std::int32_t expected(std::uint32_t word, Rule rule, double scale)
{
    constexpr double least = -8388608.0, most = 8388607.0;
    double v = rule == Rule::int32 ? static_cast<std::int32_t>(word)
                                   : double{std::bit_cast<float>(word)} * scale;
    if (std::isnan(v)) return 0;
    v = rule == Rule::truncate ? std::trunc(v) : std::nearbyint(v);
    return static_cast<std::int32_t>(std::fmin(std::fmax(v, least), most));
}

bool is(const std::uint8_t* at, std::int32_t code)
{
    const std::uint8_t bytes[] = {static_cast<std::uint8_t>(code),
                                  static_cast<std::uint8_t>(code >> 8),
                                  static_cast<std::uint8_t>(code >> 16)};
    return std::memcmp(at, bytes, 3) == 0;
}

/// Words of every kind: audio, numbers near halves of a code, extremes, and any bits at all.
std::uint32_t word(std::mt19937& random)
{
    static constexpr std::uint32_t edges[] = {
        0x0000'0000, 0x8000'0000, 0x0000'0001, 0x807f'ffff, 0x3f80'0000, 0xbf80'0000, 0x7f80'0000,
        0xff80'0000, 0x7fc0'0000, 0xffa0'0001, 0x7f7f'ffff, 0xff7f'ffff, 0x007f'ffff, 0xff80'0000,
        0x3f7f'ffff, 0xbf7f'ffff, 0x7fff'ffff, 0x0080'0000, 0x337f'ffff, 0x3380'0000, 0x3380'0001};
    const auto code = static_cast<double>(static_cast<std::int32_t>(random()) >> 8);
    switch (random() % 4) {
    case 0: return edges[random() % std::size(edges)];
    case 1: return std::bit_cast<std::uint32_t>(static_cast<float>((code + 0.5) / 8388608.0));
    case 2: return std::bit_cast<std::uint32_t>(static_cast<float>((code + 0.5) / 8388607.0));
    default: return static_cast<std::uint32_t>(random());
    }
}

constexpr double scales[] = {8388608.0, 8388607.0, 1.0, 32767.0, 3e-30, 1e30};
constexpr Rule rules[] = {Rule::nearest, Rule::truncate, Rule::int32};

void every_set_rounds_every_kind_of_number_by_the_rule(void**)
{
    std::mt19937 random(24);
    constexpr std::size_t n = 200'003;
    std::vector<std::uint32_t> in(n);
    std::vector<std::uint8_t> out(3 * n);
    for (auto& w : in) w = word(random);
    int wrong = 0;
    for (const Set& set : sets())
        for (const Rule rule : rules)
            for (const double s : scales) {
                const auto scale = double{static_cast<float>(s)};
                set.kernel(rule).contiguous(reinterpret_cast<const unsigned char*>(in.data()), n,
                                            out.data(), scale);
                int here = 0;
                for (std::size_t i = 0; i < n; i++)
                    here += !is(&out[3 * i], expected(in[i], rule, scale));
                if (here != 0) print_error("%s: %d wrong at scale %g\n", set.name, here, scale);
                wrong += here;
            }
    assert_int_equal(wrong, 0);
}

/// Runs one layout at one length and misalignment between guard pages; returns the wrong samples.
struct Layouts {
    std::mt19937 random{7};
    std::vector<std::uint32_t> words;
    const Pack24Kernel* kernel;
    Rule rule;

    int expect(const std::uint8_t* at, std::size_t i) const
    {
        return !is(at, expected(words[i], rule, 8388607.0));
    }

    int contiguous(std::size_t n, std::size_t off)
    {
        guarded::Block in(4 * n, off), out(3 * n, off % 3);
        std::memcpy(in.data(), words.data(), 4 * n);
        kernel->contiguous(in.data(), n, out.data(), 8388607.0);
        int wrong = !out.untouched_around();
        for (std::size_t i = 0; i < n; i++) wrong += expect(out.data() + 3 * i, i);
        return wrong;
    }

    int interleave(std::size_t width, std::size_t frames, std::size_t off)
    {
        std::vector<guarded::Block> in;
        const unsigned char* from[16];
        for (std::size_t c = 0; c < width; c++) {
            in.emplace_back(4 * frames, off);
            std::memcpy(in[c].data(), &words[c * frames], 4 * frames);
            from[c] = in[c].data();
        }
        const std::size_t step = 3 * width + off;
        const std::size_t size = frames == 0 ? 0 : step * (frames - 1) + 3 * width;
        guarded::Block out(size, off % 5);
        (width == 8 ? kernel->interleave8 : kernel->interleave16)(from, frames, out.data(), step,
                                                                  8388607.0);
        int wrong = !out.untouched_around();
        for (std::size_t f = 0; f < frames; f++) {
            for (std::size_t c = 0; c < width; c++)
                wrong += expect(out.data() + f * step + 3 * c, c * frames + f);
            for (std::size_t k = 3 * width; f + 1 < frames && k < step; k++)
                wrong += out.data()[f * step + k] != guarded::Block::fill;
        }
        return wrong;
    }

    int deinterleave(std::size_t frames, std::size_t off, bool backwards)
    {
        const std::size_t step = 32 + off;
        guarded::Block in(frames == 0 ? 0 : step * (frames - 1) + 32, off);
        for (std::size_t f = 0; f < frames; f++)
            std::memcpy(in.data() + f * step, &words[8 * f], 32);
        std::vector<guarded::Block> out;
        std::uint8_t* to[8];
        for (std::size_t c = 0; c < 8; c++) {
            out.emplace_back(3 * frames, off % 3);
            to[c] = out[c].data();
        }
        const auto signed_step = static_cast<std::ptrdiff_t>(step);
        const bool turn = backwards && frames != 0;
        kernel->deinterleave8(turn ? in.data() + step * (frames - 1) : in.data(),
                              turn ? -signed_step : signed_step, frames, to, 8388607.0);
        int wrong = 0;
        for (std::size_t c = 0; c < 8; c++) {
            wrong += !out[c].untouched_around();
            for (std::size_t f = 0; f < frames; f++)
                wrong += expect(to[c] + 3 * f, 8 * (turn ? frames - 1 - f : f) + c);
        }
        return wrong;
    }
};

void every_layout_keeps_to_its_memory_at_every_length_and_misalignment(void**)
{
    Layouts test;
    test.words.resize(16 * 100);
    for (auto& w : test.words) w = word(test.random);
    int wrong = 0;
    for (const Set& set : sets())
        for (const Rule rule : rules) {
            test.kernel = &set.kernel(rule);
            test.rule = rule;
            for (std::size_t n = 0; n < 150; n++)
                for (std::size_t off = 0; off < 4; off++) wrong += test.contiguous(n, off);
            for (std::size_t n = 0; n < 36; n++)
                for (std::size_t off = 0; off < 5; off++) {
                    wrong += test.interleave(8, n, off) + test.interleave(16, n, off);
                    wrong += test.deinterleave(n, off, n % 2 == 0);
                }
        }
    assert_int_equal(wrong, 0);
}

constexpr std::size_t shapes[][2] = {{1, 100}, {2, 700}, {7, 130}, {8, 64},  {9, 65},
                                     {15, 7},  {16, 50},  {24, 70},  {31, 9},
                                     {32, 200}, {33, 129}, {0, 5},    {8, 0}};

/// The three packers of a shape must agree with the contiguous one, whose samples are judged above.
int whole_shape(const Packer24& packer, std::size_t channels, std::size_t frames, bool some)
{
    std::mt19937 random(3);
    std::vector<std::uint32_t> framed(channels * frames), planar(channels * frames);
    for (std::size_t f = 0; f < frames; f++)
        for (std::size_t c = 0; c < channels; c++)
            framed[f * channels + c] = planar[c * frames + f] = word(random);
    std::vector<std::uint8_t> a(3 * framed.size()), b(a.size()), packed(a.size()), single(a.size());
    packer.contiguous(framed.data(), framed.size(), packed.data());

    std::vector<const void*> from;
    std::vector<std::uint8_t*> to;
    for (std::size_t c = 0; c < channels; c++) {
        from.push_back(planar.data() + c * frames);
        to.push_back(some && c % 3 != 1 ? nullptr : b.data() + c * frames * 3);
    }
    packer.interleave(from.data(), channels, frames, a.data());
    const auto step = static_cast<std::ptrdiff_t>(4 * channels);
    packer.deinterleave(framed.data(), step, channels, frames, to.data());
    int wrong = a != packed;
    for (std::size_t c = 0; frames != 0 && c < channels; c++) {
        packer.strided(framed.data() + c, step, false, frames, single.data());
        for (std::size_t f = 0; f < frames; f++) {
            const std::uint8_t* want = &packed[3 * (f * channels + c)];
            wrong += std::memcmp(&single[3 * f], want, 3) != 0;
            wrong += to[c] != nullptr && std::memcmp(to[c] + 3 * f, want, 3) != 0;
        }
    }
    return wrong;
}

void every_shape_is_packed_alike_in_every_layout(void**)
{
    int wrong = 0;
    for (const Simd simd : {Simd::scalar, Simd::avx2, Simd::avx512})
        for (const auto& [channels, frames] : shapes)
            for (const bool some : {false, true})
                for (const Packer24& packer :
                     {Packer24::float32(takes_scale, Rounding::nearest, simd),
                      Packer24::float32(8388607.0, Rounding::truncate, simd),
                      Packer24::float32(1e6 / 3, Rounding::nearest, simd),
                      Packer24::float32(1e6 / 3, Rounding::truncate, simd), Packer24::int32(simd)})
                    wrong += whole_shape(packer, channels, frames, some);
    assert_int_equal(wrong, 0);
}

void a_scale_that_is_no_float32_is_not_rounded_to_one(void**)
{
    std::mt19937 random(5);
    int wrong = 0, apart = 0;
    for (const double scale : {1e6 / 3, 8388607.3, 1e-42, 1e300})
        for (const Rule rule : {Rule::nearest, Rule::truncate}) {
            const auto rounding = rule == Rule::nearest ? Rounding::nearest : Rounding::truncate;
            const Packer24 packer = Packer24::float32(scale, rounding);
            for (int i = 0; i < 20'000; i++) {
                const std::uint32_t w = word(random);
                std::uint8_t out[3];
                packer.contiguous(&w, 1, out);
                wrong += !is(out, expected(w, rule, scale));
                apart += !is(out, expected(w, rule, static_cast<float>(scale)));
            }
        }
    assert_int_equal(wrong, 0);
    assert_true(apart > 0);
}

void samples_of_the_other_byte_order_are_turned(void**)
{
    std::mt19937 random(9);
    std::vector<std::uint32_t> in(3000), turned(3000);
    for (std::size_t i = 0; i < in.size(); i++) turned[i] = __builtin_bswap32(in[i] = word(random));
    std::vector<std::uint8_t> a(9000), b(9000);
    const Packer24 packer = Packer24::float32();
    packer.contiguous(in.data(), in.size(), a.data());
    packer.strided(turned.data(), 4, true, in.size(), b.data());
    assert_true(a == b);
    packer.strided(&in.back(), -4, false, in.size(), b.data());
    int wrong = 0;
    for (std::size_t i = 0; i < in.size(); i++)
        wrong += std::memcmp(&a[3 * i], &b[3 * (in.size() - 1 - i)], 3) != 0;
    assert_int_equal(wrong, 0);
}

#ifndef ASIOWIRE_SIMDE
void avx512_as_simde_models_it(void**) { skip(); } // no SIMDe on the machine that built this
#endif

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_set_rounds_every_kind_of_number_by_the_rule),
        cmocka_unit_test(every_layout_keeps_to_its_memory_at_every_length_and_misalignment),
        cmocka_unit_test(every_shape_is_packed_alike_in_every_layout),
        cmocka_unit_test(a_scale_that_is_no_float32_is_not_rounded_to_one),
        cmocka_unit_test(samples_of_the_other_byte_order_are_turned),
#ifndef ASIOWIRE_SIMDE
        cmocka_unit_test(avx512_as_simde_models_it),
#endif
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
