// SPDX-License-Identifier: MIT
// taps/rt-push-*: what the audio thread pays per cycle of 32 channels × 64 frames, beside copies of
// the same samples into memory of the same size; with warm caches, and with caches that everything
// else has used meanwhile. taps/recorder-*: processor time of the whole recorder at 32 channels ×
// 48 kHz in real time, beside libsndfile (clipping) writing the same files from chunks of 10 ms on
// one thread.
//
// Usage: recorder PAIRS FOLDER SECONDS. Prints one line of JSON per figure and pair.

#include "taps/recorder.hpp"

#include <sndfile.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

using namespace asiowire;

namespace {

constexpr std::size_t channels = 32, frames = 64, rate = 48000;
constexpr std::size_t cycle_bytes = channels * frames * sizeof(float);

std::vector<std::vector<float>> source(channels, std::vector<float>(rate));
std::vector<char> others(std::size_t{8} << 20); // what other programs do to the caches

void make_source()
{
    for (std::size_t c = 0; c < channels; c++)
        for (std::size_t i = 0; i < rate; i++)
            source[c][i] = static_cast<float>((i * 7919 + c * 104729) % 16'000'000) / 8e6f - 1.0f;
}

std::uint64_t cpu_ns(clockid_t clock)
{
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(time.tv_nsec);
}

std::unique_ptr<Ring> make_ring()
{
    std::vector<RingChannel> map(channels);
    auto ring = Ring::create({.channels = map, .rate = rate, .seconds = 10});
    if (!ring) std::exit(1);
    return std::move(*ring);
}

/// Median ns of `call(i)`, called so often; `cold`: with the caches in other hands before each.
template <class Call> double median_ns(int calls, bool cold, Call call)
{
    std::vector<double> all;
    for (int i = 0; i < calls; i++) {
        if (cold)
            for (std::size_t at = 0; at < others.size(); at += 64)
                others[at]++;
        const auto begin = std::chrono::steady_clock::now();
        call(static_cast<std::size_t>(i));
        const std::chrono::duration<double, std::nano> took =
            std::chrono::steady_clock::now() - begin;
        all.push_back(took.count());
    }
    std::nth_element(all.begin(), all.begin() + calls / 2, all.end());
    return all[static_cast<std::size_t>(calls / 2)];
}

void measure_push(bool cold)
{
    const int calls = cold ? 300 : 20'000; // warm: more than twice round the ring
    const auto ring = make_ring();
    std::vector<char> plain(ring->header().data_bytes, 1);
    const float* planes[channels];
    const auto look = [&](std::size_t i) { // the ports' buffers: the same memory in each cycle
        for (std::size_t c = 0; c < channels; c++)
            planes[c] = source[c].data() + (cold ? i * frames % (rate - frames) : 0);
    };
    const double ours = median_ns(calls, cold, [&](std::size_t i) {
        look(i);
        ring->push({.frames = frames, .rate = rate}, planes);
    });
    const double copy = median_ns(calls, cold, [&](std::size_t i) {
        look(i);
        char* const to = plain.data() + i * cycle_bytes % (plain.size() - cycle_bytes);
        for (std::size_t c = 0; c < channels; c++)
            std::memcpy(to + c * frames * sizeof(float), planes[c], frames * sizeof(float));
        asm volatile("" : : "r"(to) : "memory");
    });
    std::printf("{\"figure\": \"rt-push-%s\", \"ours\": %.1f, \"reference\": %.1f}\n",
                cold ? "cold" : "warm", ours, copy);
}

/// Share of one processor that a recorder takes, without the thread that makes the audio, in %.
double recorder_percent(const std::filesystem::path& folder, double seconds, bool polyphonic)
{
    const auto ring = make_ring();
    const float* planes[channels];
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t before = cpu_ns(CLOCK_PROCESS_CPUTIME_ID);
    const std::uint64_t own_before = cpu_ns(CLOCK_THREAD_CPUTIME_ID);
    {
        Recorder recorder(*ring, {});
        TakeSettings take;
        take.folder = folder;
        take.name = "ours";
        take.tracks.resize(channels);
        take.polyphonic = polyphonic;
        recorder.start(take);
        for (std::size_t frame = 0; frame < seconds * rate; frame += frames) {
            for (std::size_t c = 0; c < channels; c++)
                planes[c] = source[c].data() + frame % (rate - frames);
            ring->push({.frames = frames, .rate = rate}, planes);
            if (frame % (rate / 100) < frames)
                std::this_thread::sleep_until(
                    begin + std::chrono::duration<double>(static_cast<double>(frame) / rate));
        }
    }
    const std::uint64_t own = cpu_ns(CLOCK_THREAD_CPUTIME_ID) - own_before;
    const std::uint64_t all = cpu_ns(CLOCK_PROCESS_CPUTIME_ID) - before;
    if (ring->header().dropped != 0) std::fprintf(stderr, "the recorder lost frames\n");
    return static_cast<double>(all - own) / 1e7 / seconds;
}

double sndfile_percent(const std::filesystem::path& folder, double seconds, bool polyphonic)
{
    constexpr std::size_t chunk = rate / 100;
    std::vector<SNDFILE*> files;
    for (std::size_t c = 0; c < (polyphonic ? 1 : channels); c++) {
        SF_INFO info{};
        info.samplerate = rate;
        info.channels = polyphonic ? channels : 1;
        info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_24;
        const auto path = folder / ("theirs-" + std::to_string(c) + ".wav");
        files.push_back(sf_open(path.c_str(), SFM_WRITE, &info));
        sf_command(files.back(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
    }
    std::vector<float> whole(chunk * channels);
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t before = cpu_ns(CLOCK_THREAD_CPUTIME_ID);
    for (std::size_t frame = 0; frame < seconds * rate; frame += chunk) {
        const std::size_t from = frame % (rate - chunk);
        for (std::size_t i = 0; polyphonic && i < chunk; i++)
            for (std::size_t c = 0; c < channels; c++)
                whole[i * channels + c] = source[c][from + i];
        if (polyphonic) sf_writef_float(files[0], whole.data(), chunk);
        for (std::size_t c = 0; !polyphonic && c < channels; c++)
            sf_writef_float(files[c], source[c].data() + from, chunk);
        std::this_thread::sleep_until(
            begin + std::chrono::duration<double>(static_cast<double>(frame) / rate));
    }
    for (SNDFILE* file : files)
        sf_close(file);
    return static_cast<double>(cpu_ns(CLOCK_THREAD_CPUTIME_ID) - before) / 1e7 / seconds;
}

} // namespace

int main(int count, char** words)
{
    if (count != 4) return 2;
    make_source();
    const double seconds = std::atof(words[3]);
    for (int pair = 0; pair < std::atoi(words[1]); pair++) {
        measure_push(false);
        measure_push(true);
        for (const bool polyphonic : {false, true}) {
            const std::filesystem::path folder = std::filesystem::path(words[2]) / "bench-takes";
            std::filesystem::create_directories(folder);
            const double ours = recorder_percent(folder, seconds, polyphonic);
            const double theirs = sndfile_percent(folder, seconds, polyphonic);
            std::filesystem::remove_all(folder);
            std::printf("{\"figure\": \"recorder-%s\", \"ours\": %.4f, \"reference\": %.4f}\n",
                        polyphonic ? "poly" : "mono", ours, theirs);
            std::fflush(stdout);
        }
    }
    return 0;
}
