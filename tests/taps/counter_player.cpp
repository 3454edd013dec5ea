// SPDX-License-Identifier: MIT
// Plays a counter on every channel of a node of its own until it is ended: each sample is a 24-bit
// code that names its channel and its frame, from the top: channel (6 bits), frame (17 bits), a 1;
// as float32 the code less 2^23, divided by 2^23. Knows nothing of the driver and its recorder.
// On SIGUSR1 it prints how many of its cycles were late.
// Usage: counter_player NODE CHANNELS
#include "tests/rig/client_priority.hpp"

#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace {

struct Player {
    pw_filter* filter = nullptr;
    std::vector<void*> ports;
    std::uint32_t frame = 0;
    std::uint64_t due = 0; // frame of the graph's clock
    std::atomic<unsigned> late{0}; // cycles that passed us by, or ended after the next one was due
};

std::uint64_t now_ns()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

void process(void* data, spa_io_position* position)
{
    Player& player = *static_cast<Player*>(data);
    if (player.frame == 0) asiowire::be_realtime();
    const auto frames = static_cast<std::uint32_t>(position->clock.duration);
    for (std::uint32_t c = 0; c < player.ports.size(); c++) {
        auto* const out = static_cast<float*>(pw_filter_get_dsp_buffer(player.ports[c], frames));
        for (std::uint32_t i = 0; out != nullptr && i < frames; i++) {
            const std::uint32_t word = (c << 17 | ((player.frame + i) & 0x1ffff)) << 1 | 1;
            out[i] = static_cast<float>(static_cast<std::int32_t>(word) - (1 << 23)) * 0x1p-23f;
        }
    }
    player.frame += frames;
    const bool missed = player.due != 0 && position->clock.position > player.due;
    player.due = position->clock.position + frames;
    const std::uint64_t cycle_ns = 1'000'000'000ull * frames / position->clock.rate.denom;
    if (missed || now_ns() > position->clock.nsec + cycle_ns) player.late++;
}

/// Says how many cycles were late since it was asked last.
void answer(void* data, int)
{
    std::printf("%u\n", static_cast<Player*>(data)->late.exchange(0));
    std::fflush(stdout);
}

} // namespace

int main(int count, char** words)
{
    if (count != 3) return 2;
    pw_init(nullptr, nullptr);
    pw_main_loop* const loop = pw_main_loop_new(nullptr);
    Player player;
    pw_loop_add_signal(pw_main_loop_get_loop(loop), SIGUSR1, answer, &player);
    pw_filter_events events{};
    events.version = PW_VERSION_FILTER_EVENTS;
    events.process = process;
    player.filter =
        pw_filter_new_simple(pw_main_loop_get_loop(loop), words[1],
                             pw_properties_new(PW_KEY_NODE_NAME, words[1], PW_KEY_MEDIA_TYPE,
                                               "Audio", PW_KEY_MEDIA_CATEGORY, "Playback",
                                               PW_KEY_NODE_ALWAYS_PROCESS, "true", nullptr),
                             &events, &player);
    for (int c = 0; c < std::atoi(words[2]); c++) {
        const std::string name = "out_" + std::to_string(c + 1);
        player.ports.push_back(pw_filter_add_port(
            player.filter, PW_DIRECTION_OUTPUT, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 0,
            pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio", PW_KEY_PORT_NAME,
                              name.c_str(), nullptr),
            nullptr, 0));
    }
    if (pw_filter_connect(player.filter, PW_FILTER_FLAG_RT_PROCESS, nullptr, 0) < 0) return 1;
    pw_main_loop_run(loop);
    return 0;
}
