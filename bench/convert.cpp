// SPDX-License-Identifier: MIT
// What a sample type costs in the two copies of the cycle: every direction of every type, in every
// instruction set that this processor has, beside memcpy of the same floats in the same run.
//
// Usage: convert
// All channels of a block are converted in turn, as the cycle does; all of it stays in the caches.

#include "core/convert.hpp"
#include "core/ticks.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

using namespace asiowire;

namespace {

constexpr std::size_t kChannels = 32;
constexpr int kRounds = 400; // the quickest counts: the machine may be busy
constexpr int kRepeats = 8;  // within a round, so that the clock's own time is no matter

struct Block {
    std::size_t frames;
    std::vector<unsigned char> host; // [channel][frame], 8 bytes for each sample
    std::vector<float> graph;        // [channel][frame]
};

void copy(void* to, const void* from, std::size_t samples) ASIOWIRE_RT
{
    std::memcpy(to, from, samples * sizeof(float));
}

/// Ticks for one block of all channels.
double quickest(Block& block, Convert convert, bool from_float)
{
    std::uint64_t best = UINT64_MAX;
    for (int round = 0; round < kRounds; round++) {
        const std::uint64_t begin = ticks();
        for (int repeat = 0; repeat < kRepeats; repeat++) {
            for (std::size_t c = 0; c < kChannels; c++) {
                float* graph = block.graph.data() + c * block.frames;
                unsigned char* host = block.host.data() + c * block.frames * sizeof(double);
                if (from_float)
                    convert(host, graph, block.frames);
                else
                    convert(graph, host, block.frames);
            }
        }
        best = std::min(best, ticks() - begin);
    }
    return static_cast<double>(best) / kRepeats;
}

/// Nanoseconds of a tick, against the system's clock.
double tick_ns()
{
    timespec from{}, to{};
    clock_gettime(CLOCK_MONOTONIC, &from);
    const std::uint64_t begin = ticks();
    do
        clock_gettime(CLOCK_MONOTONIC, &to);
    while (to.tv_sec * 1e9 + to.tv_nsec - from.tv_sec * 1e9 - from.tv_nsec < 2e7);
    const auto passed = static_cast<double>(ticks() - begin);
    return (static_cast<double>(to.tv_sec - from.tv_sec) * 1e9 +
            static_cast<double>(to.tv_nsec - from.tv_nsec)) /
           passed;
}

/// Sound, so that no conversion meets a denormal; the host's side is made from it.
void fill(Block& block, Converter convert)
{
    for (std::size_t i = 0; i < block.graph.size(); i++)
        block.graph[i] = static_cast<float>(static_cast<int>(i * 7919 % 65536) - 32768) / 32768;
    for (std::size_t c = 0; c < kChannels; c++)
        convert.from_float(block.host.data() + c * block.frames * sizeof(double),
                           block.graph.data() + c * block.frames, block.frames);
}

void measure(SampleType type, const char* name, double ns)
{
    const char* set_names[] = {"scalar", "avx2"};
    for (int number = 0; number <= static_cast<int>(best_instruction_set()); number++) {
        const Converter convert = converter(type, static_cast<InstructionSet>(number));
        for (const std::size_t frames : {64, 256}) {
            Block block{frames, std::vector<unsigned char>(kChannels * frames * sizeof(double)),
                        std::vector<float>(kChannels * frames)};
            fill(block, convert);
            const double samples = static_cast<double>(kChannels * frames);
            for (const bool from_float : {true, false}) {
                const double plain = quickest(block, copy, from_float);
                fill(block, convert);
                const double ours =
                    quickest(block, from_float ? convert.from_float : convert.to_float, from_float);
                std::printf("%-8s %-7s %-10s %6zu %9.4f %9.4f %7.2f\n", name, set_names[number],
                            from_float ? "to-host" : "from-host", frames, ours * ns / samples,
                            plain * ns / samples, ours / plain);
            }
        }
    }
}

} // namespace

int main()
{
    const double ns = tick_ns();
    std::printf("%zu channels, ns per sample\n", kChannels);
    std::printf("%-8s %-7s %-10s %6s %9s %9s %7s\n", "type", "set", "direction", "frames", "ours",
                "memcpy", "ratio");
    measure(SampleType::float32, "float32", ns);
    measure(SampleType::int16, "int16", ns);
    measure(SampleType::int24, "int24", ns);
    measure(SampleType::int32, "int32", ns);
    measure(SampleType::float64, "float64", ns);
    return 0;
}
