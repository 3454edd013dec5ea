// SPDX-License-Identifier: MIT
// The rig's own judge, without a line of the driver in it: a plain synchronous pw_filter that plays
// a counter on every channel and looks for it on its inputs. tests/rig/test_rig.py links it to a
// sink and its monitor, so a fault of the rig is not taken for one of the driver.
// Usage: loop_probe CHANNELS SECONDS QUANTUM(0 = do not force) → one line of JSON
#include "tests/rig/client_priority.hpp"

#include <pipewire/filter.h>
#include <pipewire/pipewire.h>
#include <spa/param/latency-utils.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace {

// A float32 holds every integer up to 2^24 exactly: six minutes at 48 kHz, far more than a run.

struct Probe {
    pw_main_loop* loop = nullptr;
    pw_filter* filter = nullptr;
    std::vector<void*> in, out;
    std::vector<bool> awake; // per channel: something was heard
    std::uint64_t frame = 0; // frames played so far
    std::uint64_t cycles = 0, compared = 0, wrong = 0;
    std::int64_t round_trip = -1; // frames, as the first sample found says
    std::uint64_t quantum = 0;
    std::uint64_t late = 0; // cycles that began late: the machine was elsewhere
};

/// Whether more than a tenth of the cycle was over before we were called. The machine was elsewhere
/// then, now or behind us in the cycle before, and sound may be lost by nobody's fault.
bool is_late(const spa_io_clock& clock)
{
    const std::uint64_t cycle_ns = clock.duration * SPA_NSEC_PER_SEC / clock.rate.denom;
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const auto now_ns = static_cast<std::uint64_t>(now.tv_sec) * SPA_NSEC_PER_SEC +
                        static_cast<std::uint64_t>(now.tv_nsec);
    return now_ns > clock.nsec + cycle_ns / 10;
}

float sample(std::uint64_t frame, std::size_t channel)
{
    return static_cast<float>(1 + frame + channel * 1000);
}

/// Frames between now and the moment the sample heard was played.
std::int64_t delay(std::uint64_t now, float heard, std::size_t channel)
{
    const auto sent =
        static_cast<std::int64_t>(heard) - 1 - static_cast<std::int64_t>(channel) * 1000;
    return static_cast<std::int64_t>(now) - sent;
}

void process(void* data, spa_io_position* position)
{
    Probe& probe = *static_cast<Probe*>(data);
    const std::uint32_t frames = static_cast<std::uint32_t>(position->clock.duration);
    probe.quantum = frames;
    if (probe.cycles++ == 0) asiowire::be_realtime();
    probe.late += is_late(position->clock);
    for (std::size_t channel = 0; channel < probe.in.size(); ++channel) {
        auto* heard = static_cast<float*>(pw_filter_get_dsp_buffer(probe.in[channel], frames));
        auto* played = static_cast<float*>(pw_filter_get_dsp_buffer(probe.out[channel], frames));
        for (std::uint32_t i = 0; heard != nullptr && i < frames; ++i) {
            const std::uint64_t now = probe.frame + i;
            if (!probe.awake[channel]) { // silence until both of the channel's links are there
                if (heard[i] == 0.0f) continue;
                probe.awake[channel] = true;
                if (probe.round_trip < 0) probe.round_trip = delay(now, heard[i], channel);
            }
            ++probe.compared;
            probe.wrong += delay(now, heard[i], channel) != probe.round_trip;
        }
        for (std::uint32_t i = 0; played != nullptr && i < frames; ++i)
            played[i] = sample(probe.frame + i, channel);
    }
    probe.frame += frames;
}

void* add_port(pw_filter* filter, pw_direction direction, std::size_t number)
{
    const std::string name =
        (direction == PW_DIRECTION_INPUT ? "in_" : "out_") + std::to_string(number);
    return pw_filter_add_port(filter, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 0,
                              pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio",
                                                PW_KEY_PORT_NAME, name.c_str(), nullptr),
                              nullptr, 0);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 4) return 2;
    const std::size_t channels = std::strtoul(argv[1], nullptr, 10);
    pw_init(nullptr, nullptr);
    Probe probe;
    probe.loop = pw_main_loop_new(nullptr);
    pw_properties* properties =
        pw_properties_new(PW_KEY_NODE_NAME, "loop-probe", PW_KEY_NODE_ALWAYS_PROCESS, "true",
                          PW_KEY_NODE_GROUP, "group.dsp.0", nullptr);
    if (std::string(argv[3]) != "0") pw_properties_set(properties, "node.force-quantum", argv[3]);
    pw_filter_events events{};
    events.version = PW_VERSION_FILTER_EVENTS;
    events.process = process;
    probe.filter = pw_filter_new_simple(pw_main_loop_get_loop(probe.loop), "loop-probe", properties,
                                        &events, &probe);
    probe.awake.resize(channels);
    for (std::size_t channel = 0; channel < channels; ++channel) {
        probe.in.push_back(add_port(probe.filter, PW_DIRECTION_INPUT, channel + 1));
        probe.out.push_back(add_port(probe.filter, PW_DIRECTION_OUTPUT, channel + 1));
    }
    if (pw_filter_connect(probe.filter, PW_FILTER_FLAG_RT_PROCESS, nullptr, 0) < 0) return 1;

    timespec once{std::strtol(argv[2], nullptr, 10), 0};
    auto quit = [](void* data, std::uint64_t) {
        pw_main_loop_quit(static_cast<pw_main_loop*>(data));
    };
    pw_loop* loop = pw_main_loop_get_loop(probe.loop);
    spa_source* timer = pw_loop_add_timer(loop, quit, probe.loop);
    pw_loop_update_timer(loop, timer, &once, nullptr, false);
    pw_main_loop_run(probe.loop);

    pw_filter_destroy(probe.filter);
    pw_main_loop_destroy(probe.loop);
    std::printf("{\"quantum\": %lu, \"cycles\": %lu, \"compared\": %lu, \"wrong\": %lu, "
                "\"round_trip\": %ld, \"late\": %lu}\n",
                probe.quantum, probe.cycles, probe.compared, probe.wrong, probe.round_trip,
                probe.late);
    return 0;
}
