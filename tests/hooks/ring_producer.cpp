// SPDX-License-Identifier: MIT
// Stands for a driver in the tests of the runner: an audio thread that puts blocks into a ring at a
// sound card's pace, and a recorder that checks every one of them. Ends on SIGTERM and prints one line
// of JSON. Usage: hooks-ring_producer INPUTS OUTPUTS FRAMES

#include "taps/ring.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>
#include <thread>
#include <vector>

using namespace asiowire;
using namespace std::chrono;

namespace {

constexpr std::uint32_t rate = 48000;
constexpr std::uint32_t period = 48000; // frames after which the signal begins again

/// What a frame of a channel holds: told apart by position and channel, exact in float32, below 1.
float sample_at(std::uint64_t position, std::size_t channel)
{
    return static_cast<float>((position % period) * 128 + channel + 1) / 8388608.0F;
}

long waits_of_this_thread()
{
    rusage used{};
    getrusage(RUSAGE_THREAD, &used);
    return used.ru_nvcsw;
}

struct Counts {
    std::uint64_t blocks = 0;
    std::uint64_t refused = 0; // pushes that dropped
    std::uint64_t waited = 0;  // pushes in which the thread slept
    double longest_us = 0;     // of a push
};

Counts produce(Ring& ring, std::uint32_t frames, const std::atomic<bool>& stop)
{
    const std::size_t channels = ring.channels();
    // A whole period and a block more: any block is a place in it, and nothing is computed here.
    std::vector<float> signal(channels * (period + frames));
    for (std::size_t c = 0; c < channels; c++)
        for (std::size_t i = 0; i < period + frames; i++)
            signal[c * (period + frames) + i] = sample_at(i, c);
    std::vector<const float*> planes(channels);
    Counts counts;
    std::uint64_t position = 0;
    auto due = steady_clock::now();
    while (!stop) {
        for (std::size_t c = 0; c < channels; c++)
            planes[c] = signal.data() + c * (period + frames) + position % period;
        const RingStamp stamp = {.clock_ns = position, .frames = frames, .rate = rate};
        const long before = waits_of_this_thread();
        const auto begin = steady_clock::now();
        const bool fits = ring.push(stamp, planes.data());
        const double us = duration<double, std::micro>(steady_clock::now() - begin).count();
        counts.waited += waits_of_this_thread() != before;
        counts.refused += !fits;
        counts.blocks++;
        counts.longest_us = std::max(counts.longest_us, us);
        position += frames;
        due += nanoseconds(std::uint64_t{frames} * 1'000'000'000 / rate);
        std::this_thread::sleep_until(due);
    }
    return counts;
}

/// Checks what the recorder would write. Returns the blocks that are wrong.
std::uint64_t record(Ring& ring, RingReader& reader, std::uint64_t& heard,
                     const std::atomic<bool>& stop)
{
    std::uint64_t wrong = 0;
    std::uint64_t position = 0;
    for (;;) {
        const bool last = stop;
        while (const RingBlock* const block = reader.front()) {
            bool right = block->position == position && block->dropped == 0;
            for (std::size_t c = 0; c < ring.channels(); c++)
                for (std::uint32_t i = 0; i < block->frames; i++)
                    right &= RingReader::plane(*block, c)[i] == sample_at(position + i, c);
            wrong += !right;
            heard++;
            position = block->position + block->frames;
            reader.pop();
        }
        if (last) return wrong;
        std::this_thread::sleep_for(milliseconds(5));
    }
}

} // namespace

int main(int count, char** words)
{
    if (count != 4) return 2;
    const auto inputs = static_cast<std::uint16_t>(std::atoi(words[1]));
    const auto outputs = static_cast<std::uint16_t>(std::atoi(words[2]));
    const auto frames = static_cast<std::uint32_t>(std::atoi(words[3]));
    std::vector<RingChannel> channels;
    for (std::uint16_t i = 0; i < inputs; i++) channels.push_back({RingChannel::input, i});
    for (std::uint16_t i = 0; i < outputs; i++) channels.push_back({RingChannel::output, i});
    const auto ring = Ring::create({.channels = channels, .rate = rate, .seconds = 10});
    if (!ring) {
        std::fprintf(stderr, "%s\n", ring.error().c_str());
        return 1;
    }
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, nullptr);

    RingReader reader(**ring);
    std::atomic<bool> stop_pushing = false;
    std::atomic<bool> stop_reading = false;
    Counts counts;
    std::uint64_t heard = 0;
    std::uint64_t wrong = 0;
    std::thread producer([&] { counts = produce(**ring, frames, stop_pushing); });
    std::thread recorder([&] { wrong = record(**ring, reader, heard, stop_reading); });
    std::printf("ready\n");
    std::fflush(stdout);
    int signal = 0;
    sigwait(&ends, &signal);
    stop_pushing = true;
    producer.join();
    stop_reading = true;
    recorder.join();
    std::printf("{\"blocks\": %llu, \"recorded\": %llu, \"wrong\": %llu, \"refused\": %llu, "
                "\"waited\": %llu, \"longest_us\": %.1f}\n",
                static_cast<unsigned long long>(counts.blocks),
                static_cast<unsigned long long>(heard), static_cast<unsigned long long>(wrong),
                static_cast<unsigned long long>(counts.refused),
                static_cast<unsigned long long>(counts.waited), counts.longest_us);
    return 0;
}
