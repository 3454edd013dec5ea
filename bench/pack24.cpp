// SPDX-License-Identifier: MIT
// taps/pack-*: 32 channels × 256 frames of float32 to 24 bit in four layouts, beside libsndfile with
// clipping (into files that discard, behind the plain loop that brings samples into its layout where
// that is another one), a plain loop of the same layout as PipeWire's own C conversion is built, and a
// copy of the input.
//
// Usage: pack24 PAIRS. Prints one line of JSON per layout and pair, ns per sample.

#include "taps/pack24.hpp"

#include <sndfile.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

namespace {

constexpr std::size_t channels = 32, frames = 256, samples = channels * frames;
constexpr int calls = 40; // per round: well below a millisecond

std::vector<float> input(samples);
std::vector<float> copied(samples + 2048);
std::vector<float> arranged(samples);
std::vector<std::uint8_t> output(3 * samples);
const float* in_planes[channels];
const void* in_any[channels];
std::uint8_t* out_planes[channels];

void plain(float sample, std::uint8_t* to)
{
    const auto code = static_cast<std::int32_t>(
        std::lrintf(std::clamp(sample * 8388608.0f, -8388608.0f, 8388607.0f)));
    to[0] = static_cast<std::uint8_t>(code);
    to[1] = static_cast<std::uint8_t>(code >> 8);
    to[2] = static_cast<std::uint8_t>(code >> 16);
}

sf_count_t length(void*) { return 0; }
sf_count_t seek(sf_count_t, int, void*) { return 0; }
sf_count_t read(void*, sf_count_t, void*) { return 0; }
sf_count_t write(const void*, sf_count_t count, void*) { return count; }
sf_count_t tell(void*) { return 0; }

using File = std::unique_ptr<SNDFILE, int (*)(SNDFILE*)>;

File discarding_file(int width)
{
    static SF_VIRTUAL_IO io{length, seek, read, write, tell};
    SF_INFO info{};
    info.samplerate = 48000;
    info.channels = width;
    info.format = SF_FORMAT_RAW | SF_FORMAT_PCM_24 | SF_ENDIAN_LITTLE;
    File file(sf_open_virtual(&io, SFM_WRITE, &info, nullptr), sf_close);
    if (file == nullptr) std::abort();
    sf_command(file.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
    return file;
}

/// The best of some rounds, in ns per sample: short ones slip in between a busy machine's turns.
template <class Task> double cost(Task&& task)
{
    double best = 1e9;
    for (int round = 0; round < 10; round++) {
        const auto begin = std::chrono::steady_clock::now();
        for (int i = 0; i < calls; i++) {
            task();
            asm volatile("" ::: "memory"); // each call is made
        }
        const std::chrono::duration<double, std::nano> time =
            std::chrono::steady_clock::now() - begin;
        best = std::min(best, time.count() / calls / samples);
    }
    return best;
}

template <class Ours, class Theirs, class Plain>
void pair(const char* layout, Ours&& ours, Theirs&& theirs, Plain&& scalar)
{
    const double our_cost = cost(ours);
    const double sndfile = cost(theirs);
    const double plain_cost = cost(scalar);
    // The C library's, not the "rep movs" that the compiler makes of a known size.
    static void* (*volatile copy_bytes)(void*, const void*, std::size_t) = std::memcpy;
    // Half a page from where "rep movs" takes source and destination for overlapping.
    const auto apart = reinterpret_cast<std::uintptr_t>(input.data()) + 2048 -
                       reinterpret_cast<std::uintptr_t>(copied.data());
    float* const to = copied.data() + apart % 4096 / sizeof(float);
    const double copy =
        cost([to] { copy_bytes(to, input.data(), sizeof(float) * samples); });
    std::printf("{\"layout\":\"%s\",\"ours\":%.4f,\"libsndfile\":%.4f,\"scalar\":%.4f,"
                "\"memcpy\":%.4f}\n",
                layout, our_cost, sndfile, plain_cost, copy);
}

void all_layouts(SNDFILE* whole, SNDFILE* mono)
{
    using asiowire::Packer24;
    const Packer24 packer = Packer24::float32();
    pair(
        "planar-planar",
        [&] {
            for (std::size_t c = 0; c < channels; c++)
                packer.contiguous(in_planes[c], frames, out_planes[c]);
        },
        [&] {
            for (std::size_t c = 0; c < channels; c++)
                sf_writef_float(mono, in_planes[c], frames);
        },
        [] {
            for (std::size_t c = 0; c < channels; c++)
                for (std::size_t f = 0; f < frames; f++)
                    plain(in_planes[c][f], out_planes[c] + 3 * f);
        });
    pair(
        "planar-interleaved", [&] { packer.interleave(in_any, channels, frames, output.data()); },
        [&] {
            for (std::size_t f = 0; f < frames; f++)
                for (std::size_t c = 0; c < channels; c++)
                    arranged[f * channels + c] = in_planes[c][f];
            sf_writef_float(whole, arranged.data(), frames);
        },
        [] {
            for (std::size_t f = 0; f < frames; f++)
                for (std::size_t c = 0; c < channels; c++)
                    plain(in_planes[c][f], &output[3 * (f * channels + c)]);
        });
    pair(
        "interleaved-planar",
        [&] {
            packer.deinterleave(input.data(), sizeof(float) * channels, channels, frames,
                                out_planes);
        },
        [&] {
            for (std::size_t c = 0; c < channels; c++) {
                for (std::size_t f = 0; f < frames; f++)
                    arranged[f] = input[f * channels + c];
                sf_writef_float(mono, arranged.data(), frames);
            }
        },
        [] {
            for (std::size_t f = 0; f < frames; f++)
                for (std::size_t c = 0; c < channels; c++)
                    plain(input[f * channels + c], out_planes[c] + 3 * f);
        });
    pair(
        "interleaved-interleaved",
        [&] { packer.contiguous(input.data(), samples, output.data()); },
        [&] { sf_writef_float(whole, input.data(), frames); },
        [] {
            for (std::size_t i = 0; i < samples; i++) plain(input[i], &output[3 * i]);
        });
}

} // namespace

int main(int count, char** words)
{
    const int pairs = count == 2 ? std::atoi(words[1]) : 0;
    if (pairs <= 0) return 2;
    std::mt19937 random(1);
    std::uniform_real_distribution<float> audio(-1.0f, 1.0f);
    for (float& sample : input) sample = audio(random);
    for (std::size_t c = 0; c < channels; c++) {
        in_any[c] = in_planes[c] = &input[c * frames];
        out_planes[c] = &output[3 * c * frames];
    }
    const File whole = discarding_file(channels), mono = discarding_file(1);
    for (int i = 0; i < pairs; i++) all_layouts(whole.get(), mono.get());
    return 0;
}
