// SPDX-License-Identifier: MIT
#include "tests/hooks/_allocations.hpp"

#include "hooks/volterra_buffer.hpp"
#include "hooks/volterra_fft.hpp"
#include "hooks/volterra_fft_memory.hpp"

#include <cstdlib>
#include <fftw3.h>
#include <string>
#include <vector>

#include "tests/cmocka.hpp"

// What FFTW's plans do on the audio thread: which of them ask the allocator for memory, seen at the
// allocator itself.

namespace {

using asiowire::fftw_plan_allocates;
using asiowire::VolterraBuffer;
using asiowire::VolterraFft;

/// What a partition of 16 to 8192 frames transforms.
std::vector<int> lengths()
{
    std::vector<int> found;
    for (int length = 32; length <= 16384; length += 2) {
        int rest = length;
        for (const int factor : {2, 3, 5, 7})
            while (rest % factor == 0)
                rest /= factor;
        if (rest == 1) found.push_back(length);
    }
    return found;
}

// FFTW's two precisions under one set of names.
char* print(fftw_plan plan) { return fftw_sprint_plan(plan); }
char* print(fftwf_plan plan) { return fftwf_sprint_plan(plan); }
void run(fftw_plan plan) { fftw_execute(plan); }
void run(fftwf_plan plan) { fftwf_execute(plan); }
void destroy(fftw_plan plan) { fftw_destroy_plan(plan); }
void destroy(fftwf_plan plan) { fftwf_destroy_plan(plan); }
std::size_t value_of(fftw_plan) { return sizeof(double); }
std::size_t value_of(fftwf_plan) { return sizeof(float); }

template <class Plan> std::string said_of(Plan plan)
{
    char* printed = print(plan);
    std::string text = printed;
    std::free(printed);
    return text;
}

template <class Run> int allocations_of(Run run)
{
    allocations = 0;
    watched = true;
    run();
    watched = false;
    return allocations;
}

/// Counts plans that do and do not allocate, and stops at one of which its print says otherwise.
struct Judged {
    int quiet = 0;
    int loud = 0;

    template <class Plan> void operator()(Plan plan)
    {
        if (plan == nullptr) return;
        const std::string text = said_of(plan);
        const int asked = allocations_of([plan] { run(plan); });
        if (fftw_plan_allocates(text, value_of(plan)) != (asked != 0))
            fail_msg("it asked the allocator %d times: %s", asked, text.c_str());
        (asked == 0 ? quiet : loud)++;
        destroy(plan);
    }
};

void a_plan_does_what_its_print_says(void**)
{
#ifdef ALLOCATIONS_ARE_SEEN
    constexpr int most = 6000;
    VolterraBuffer<double> a(4 * most);
    VolterraBuffer<double> b(4 * most);
    auto* c64 = reinterpret_cast<fftw_complex*>(a.data());
    auto* d64 = reinterpret_cast<fftw_complex*>(b.data());
    auto* c32 = reinterpret_cast<fftwf_complex*>(a.data());
    auto* d32 = reinterpret_cast<fftwf_complex*>(b.data());
    auto* r32 = reinterpret_cast<float*>(b.data());
    Judged judge;
    for (int n = 2; n < most; n += 1 + n / 16) { // primes and smooth numbers among them
        for (const unsigned how : {FFTW_ESTIMATE, FFTW_ESTIMATE | FFTW_NO_BUFFERING}) {
            judge(fftw_plan_dft_1d(n, c64, d64, FFTW_FORWARD, how));
            judge(fftw_plan_dft_1d(n, c64, c64, FFTW_FORWARD, how));
            judge(fftw_plan_dft_c2r_1d(n, c64, b.data(), how));
            judge(fftw_plan_dft_c2r_1d(n, c64, b.data(), how | FFTW_PRESERVE_INPUT));
            judge(fftw_plan_dft_r2c_1d(n, a.data(), c64, how));
            judge(fftwf_plan_dft_1d(n, c32, d32, FFTW_FORWARD, how));
            judge(fftwf_plan_dft_1d(n, c32, c32, FFTW_FORWARD, how));
            judge(fftwf_plan_dft_c2r_1d(n, c32, r32, how));
            judge(fftwf_plan_dft_c2r_1d(n, c32, r32, how | FFTW_PRESERVE_INPUT));
        }
    }
    for (int rows = 2; rows < 90; rows += 7) {
        const fftw_iodim dims[2] = {{rows, 96, 1}, {96, 1, rows}};
        judge(fftw_plan_guru_r2r(0, nullptr, 2, dims, a.data(), a.data(), nullptr, FFTW_ESTIMATE));
    }
    print_message("%d plans ask the allocator, %d do not\n", judge.loud, judge.quiet);
    assert_true(judge.loud > 200);
    assert_true(judge.quiet > 200);
#else
    print_message("skipped: a sanitizer has the allocator\n");
    skip();
#endif
}

void buffers_beyond_fftws_stack_are_seen(void**)
{
    // As FFTW 3.3.10 prints them; the first one asked for 66560 bytes at every run.
    const char* r2c = "(rdft-vrank>=1-x4/1 (rdft-hc2r-directbuf/130-r2c-128-x2 \"r2cb_128\"))";
    assert_true(fftw_plan_allocates(r2c, sizeof(float)));
    const char* short_r2c = "(rdft-hc2r-directbuf/66-r2c-64-x4 \"r2cb_64\")";
    assert_false(fftw_plan_allocates(short_r2c, sizeof(double)));
    const char* complex = "(dft-ct-dit/64 (dftw-directbuf/66-64/126 \"t1_64\") (dft-nop))";
    assert_false(fftw_plan_allocates(complex, sizeof(float)));
    assert_true(fftw_plan_allocates(complex, sizeof(double)));
}

void every_length_has_a_plan_without_the_allocator(void**)
{
    constexpr int most = 16384 + 16;
    VolterraBuffer<double> a(2 * most);
    VolterraBuffer<double> b(2 * most);
    auto* f = reinterpret_cast<float*>(a.data());
    auto* g = reinterpret_cast<float*>(b.data());
    constexpr unsigned how = FFTW_ESTIMATE | FFTW_NO_BUFFERING; // where measuring finds none
    int plans = 0;
    const auto check = [&](auto plan) {
        assert_non_null(plan);
        const std::string text = said_of(plan);
        if (fftw_plan_allocates(text, value_of(plan))) fail_msg("%s", text.c_str());
        destroy(plan);
        plans++;
    };
    for (const int n : lengths()) {
        const fftw_iodim length{n, 1, 1};
        check(fftw_plan_guru_split_dft(1, &length, 0, nullptr, a.data(), a.data() + most, b.data(),
                                       b.data() + most, how));
        check(fftw_plan_dft_c2r_1d(n, reinterpret_cast<fftw_complex*>(a.data()), b.data(), how));
        const fftwf_iodim length32{n, 1, 1};
        check(fftwf_plan_guru_split_dft(1, &length32, 0, nullptr, f, f + most, g, g + most, how));
        check(fftwf_plan_dft_c2r_1d(n, reinterpret_cast<fftwf_complex*>(f), g, how));
    }
    print_message("%d plans\n", plans);
}

template <class T> void run_quietly(std::size_t length)
{
    const VolterraFft<T> fft(length);
    VolterraBuffer<T> a(2 * VolterraFft<T>::stride(length));
    VolterraBuffer<T> b(2 * VolterraFft<T>::stride(length));
    const int asked = allocations_of([&] {
        fft.forward(a.data(), b.data());
        fft.inverse(b.data(), a.data());
    });
    if (asked != 0) fail_msg("%zu values asked the allocator %d times", length, asked);
}

void measured_transforms_leave_the_allocator_alone(void**)
{
#ifdef ALLOCATIONS_ARE_SEEN
    for (const std::size_t length : {32, 96, 128, 882, 960, 1024, 1764, 2048, 4096, 16384}) {
        run_quietly<float>(length);
        run_quietly<double>(length);
    }
#else
    print_message("skipped: a sanitizer has the allocator\n");
    skip();
#endif
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_does_what_its_print_says),
        cmocka_unit_test(buffers_beyond_fftws_stack_are_seen),
        cmocka_unit_test(every_length_has_a_plan_without_the_allocator),
        cmocka_unit_test(measured_transforms_leave_the_allocator_alone),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
