// SPDX-License-Identifier: MIT
#include "hooks/mojo_audio.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <vector>

#include "tests/cmocka.hpp"

// Streams: what the interface promises about pieces, states and buffers; and what every part of the
// library does when memory runs out.

// ThreadSanitizer brings operators of its own that it does not let replace.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define OWN_OPERATORS 0
#endif
#endif
#ifndef OWN_OPERATORS
#define OWN_OPERATORS 1
#endif

namespace {

long allocations_left = -1; // -1: as many as there are

} // namespace

#if OWN_OPERATORS
namespace {

void* allocate(std::size_t size, std::size_t alignment)
{
    if (allocations_left == 0) throw std::bad_alloc();
    if (allocations_left > 0) allocations_left--;
    void* memory = nullptr;
    if (posix_memalign(&memory, std::max(alignment, sizeof(void*)),
                       std::max<std::size_t>(size, 1)) != 0)
        throw std::bad_alloc();
    return memory;
}

} // namespace

void* operator new(std::size_t size)
{
    return allocate(size, alignof(std::max_align_t));
}

void* operator new[](std::size_t size)
{
    return allocate(size, alignof(std::max_align_t));
}

void* operator new(std::size_t size, std::align_val_t alignment)
{
    return allocate(size, static_cast<std::size_t>(alignment));
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete[](void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

void operator delete[](void* memory, std::size_t) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::align_val_t) noexcept
{
    std::free(memory);
}
#endif

namespace {

constexpr std::size_t n_mels = 80;

std::vector<float> sweep(std::size_t n)
{
    std::vector<float> audio(n);
    for (std::size_t i = 0; i < n; i++)
        audio[i] = static_cast<float>(0.5 * std::sin(1e-5 * static_cast<double>(i * i)));
    return audio;
}

MojoMelStream* new_stream()
{
    const MojoMelConfig config = mojo_mel_config_default();
    MojoMelStream* stream = nullptr;
    mojo_mel_stream_create(&config, nullptr, &stream);
    return stream;
}

void a_frame_comes_as_soon_as_its_samples_are_there(void**)
{
    const std::vector<float> audio = sweep(1000);
    MojoMelStream* stream = new_stream();
    std::size_t wrong = 0;
    for (std::size_t n = 0; n < audio.size(); n++) {
        mojo_mel_stream_push(stream, &audio[n], 1);
        // Frame f reaches to sample 160 f + 199, and the mirrored start to sample 200.
        const std::size_t there = n + 1 < 201 ? 0 : 1 + (n + 1 - 200) / 160;
        wrong += mojo_mel_stream_available(stream) != there;
    }
    assert_int_equal(wrong, 0);
    mojo_mel_stream_finish(stream);
    assert_int_equal(mojo_mel_stream_available(stream), 6);
    mojo_mel_stream_free(stream);
}

void pulling_gives_whole_frames_that_fit(void**)
{
    const std::vector<float> audio = sweep(1600);
    MojoMelStream* stream = new_stream();
    mojo_mel_stream_push(stream, audio.data(), audio.size());
    mojo_mel_stream_finish(stream);
    std::vector<float> out(10 * n_mels, 42);
    std::size_t frames = 99;
    assert_int_equal(mojo_mel_stream_pull(stream, out.data(), n_mels - 1, &frames),
                     MOJO_AUDIO_ERROR_BUFFER_SIZE);
    assert_int_equal(frames, 0);
    assert_int_equal(mojo_mel_stream_pull(stream, out.data(), 4 * n_mels - 1, &frames), 0);
    assert_int_equal(frames, 3);
    assert_true(out[3 * n_mels] == 42);
    assert_int_equal(mojo_mel_stream_pull(stream, &out[3 * n_mels], 7 * n_mels, &frames), 0);
    assert_int_equal(frames, 7);
    assert_int_equal(mojo_mel_stream_pull(stream, out.data(), out.size(), &frames), 0);
    assert_int_equal(frames, 0);

    const MojoMelConfig config = mojo_mel_config_default();
    MojoMelSpectrogram* mel = nullptr;
    mojo_mel_spectrogram_compute(audio.data(), audio.size(), &config, &mel);
    const float* batch = mojo_mel_spectrogram_get_data_ptr(mel);
    int wrong = 0;
    for (std::size_t f = 0; f < 10; f++)
        for (std::size_t m = 0; m < n_mels; m++)
            wrong += out[f * n_mels + m] != batch[m * 10 + f];
    mojo_mel_spectrogram_free(mel);
    mojo_mel_stream_free(stream);
    assert_int_equal(wrong, 0);
}

void frames_far_apart_leave_what_the_mirrored_end_needs(void**)
{
    // The samples between two frames are let go of early; for the sanitizers.
    const MojoMelConfig config{16000, 400, 1500, 80};
    for (const std::size_t n : {5000, 6000, 6199, 6200, 6201, 7499}) {
        const std::vector<float> audio = sweep(n);
        MojoMelStream* stream = nullptr;
        assert_int_equal(mojo_mel_stream_create(&config, nullptr, &stream), 0);
        for (std::size_t at = 0; at < n; at += 50)
            mojo_mel_stream_push(stream, &audio[at], std::min<std::size_t>(50, n - at));
        mojo_mel_stream_finish(stream);
        assert_int_equal(mojo_mel_stream_available(stream), n / 1500);
        std::vector<float> out(n / 1500 * n_mels);
        std::size_t frames = 0;
        mojo_mel_stream_pull(stream, out.data(), out.size(), &frames);
        mojo_mel_stream_free(stream);
        MojoMelSpectrogram* mel = nullptr;
        mojo_mel_spectrogram_compute(audio.data(), n, &config, &mel);
        const float* batch = mojo_mel_spectrogram_get_data_ptr(mel);
        int wrong = 0;
        for (std::size_t f = 0; f < frames; f++)
            for (std::size_t m = 0; m < n_mels; m++)
                wrong += out[f * n_mels + m] != batch[m * frames + f];
        mojo_mel_spectrogram_free(mel);
        assert_int_equal(wrong, 0);
    }
}

void a_finished_stream_takes_nothing_until_it_is_reset(void**)
{
    const std::vector<float> audio = sweep(1600);
    MojoMelStream* stream = new_stream();
    assert_int_equal(mojo_mel_stream_finish(stream), MOJO_AUDIO_SUCCESS);
    assert_int_equal(mojo_mel_stream_available(stream), 0);
    assert_int_equal(mojo_mel_stream_push(stream, audio.data(), 1), MOJO_AUDIO_ERROR_PROCESSING);
    assert_int_equal(mojo_mel_stream_finish(stream), MOJO_AUDIO_ERROR_PROCESSING);
    assert_int_equal(mojo_mel_stream_reset(stream), MOJO_AUDIO_SUCCESS);
    assert_int_equal(mojo_mel_stream_push(stream, audio.data(), audio.size()), MOJO_AUDIO_SUCCESS);
    assert_int_equal(mojo_mel_stream_finish(stream), MOJO_AUDIO_SUCCESS);
    assert_int_equal(mojo_mel_stream_available(stream), 10);
    mojo_mel_stream_free(stream);
}

void what_a_stream_cannot_do_is_refused(void**)
{
    const MojoMelConfig config = mojo_mel_config_default();
    MojoMelOptions options = mojo_mel_options_default();
    options.output = MOJO_MEL_OUTPUT_WHISPER;
    MojoMelStream* stream = reinterpret_cast<MojoMelStream*>(1);
    assert_int_equal(mojo_mel_stream_create(&config, &options, &stream), -1);
    assert_null(stream);
    assert_non_null(std::strstr(mojo_audio_last_error(), "whole signal"));
    std::size_t frames = 0;
    float sample = 0;
    assert_int_equal(mojo_mel_stream_create(nullptr, nullptr, &stream), -1);
    assert_int_equal(mojo_mel_stream_create(&config, nullptr, nullptr), -1);
    assert_int_equal(mojo_mel_stream_push(nullptr, &sample, 1), -1);
    assert_int_equal(mojo_mel_stream_finish(nullptr), -1);
    assert_int_equal(mojo_mel_stream_pull(nullptr, &sample, 1, &frames), -1);
    assert_int_equal(mojo_mel_stream_reset(nullptr), -1);
    assert_int_equal(mojo_mel_stream_available(nullptr), 0);
    mojo_mel_stream_free(nullptr);
    stream = new_stream();
    assert_int_equal(mojo_mel_stream_push(stream, nullptr, 1), -1);
    assert_int_equal(mojo_mel_stream_pull(stream, &sample, 1, nullptr), -1);
    mojo_mel_stream_free(stream);
}

/// Lets every allocation of `body` fail in turn; returns how many statuses other than ALLOCATION it
/// gave until it succeeded, and in `failures` how many of those.
template <class Body> int wrong_answers(Body body, int& failures)
{
    int wrong = 0;
    failures = 0;
    for (long n = 0;; n++) {
        allocations_left = n;
        const MojoAudioStatus status = body();
        allocations_left = -1;
        if (status == MOJO_AUDIO_SUCCESS) return wrong;
        wrong += status != MOJO_AUDIO_ERROR_ALLOCATION;
        failures++;
    }
}

void memory_that_runs_out_anywhere_is_told(void**)
{
    if (!OWN_OPERATORS) skip();
    const std::vector<float> audio = sweep(5000);
    for (const std::int32_t n_fft : {400, 401, 512, 509}) {
        const MojoMelConfig config{16000, n_fft, 160, 80};
        int failures = 0;
        const int wrong = wrong_answers(
            [&] {
                MojoMelSpectrogram* mel = nullptr;
                const MojoAudioStatus status =
                    mojo_mel_spectrogram_compute(audio.data(), audio.size(), &config, &mel);
                if ((mel == nullptr) == (status == MOJO_AUDIO_SUCCESS)) abort();
                mojo_mel_spectrogram_free(mel);
                return status;
            },
            failures);
        assert_int_equal(wrong, 0);
        assert_true(failures >= 8);
    }
}

void a_stream_without_memory_says_so_and_can_be_freed(void**)
{
    if (!OWN_OPERATORS) skip();
    const std::vector<float> audio = sweep(5000);
    const MojoMelConfig config = mojo_mel_config_default();
    int failures = 0;
    const int wrong = wrong_answers(
        [&] {
            MojoMelStream* stream = nullptr;
            MojoAudioStatus status = mojo_mel_stream_create(&config, nullptr, &stream);
            if (status == MOJO_AUDIO_SUCCESS)
                status = mojo_mel_stream_push(stream, audio.data(), audio.size());
            if (status == MOJO_AUDIO_SUCCESS) status = mojo_mel_stream_finish(stream);
            mojo_mel_stream_free(stream);
            return status;
        },
        failures);
    assert_int_equal(wrong, 0);
    assert_true(failures >= 10);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_comes_as_soon_as_its_samples_are_there),
        cmocka_unit_test(pulling_gives_whole_frames_that_fit),
        cmocka_unit_test(frames_far_apart_leave_what_the_mirrored_end_needs),
        cmocka_unit_test(a_finished_stream_takes_nothing_until_it_is_reset),
        cmocka_unit_test(what_a_stream_cannot_do_is_refused),
        cmocka_unit_test(memory_that_runs_out_anywhere_is_told),
        cmocka_unit_test(a_stream_without_memory_says_so_and_can_be_freed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
