// SPDX-License-Identifier: MIT
// The reference of cycle/overhead: a plain pw_filter, on PipeWire's own data loop, that does the
// same copies as the driver: every input port into a half of a double buffer, the half of the
// outputs to every output port. Nothing of the driver is in it but the stop watch (core/).
//
// Usage: native_filter CHANNELS FRAMES SECONDS NODE
// Links itself to nothing: it waits for a line on standard input, by which bench/run.py says that it
// has linked the node, measures for SECONDS and prints one line of JSON.

#include "core/histogram.hpp"
#include "core/ticks.hpp"

#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <pthread.h>
#include <sched.h>
#include <string>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

struct Reference {
    std::size_t channels = 0;
    std::uint32_t frames = 0;
    std::vector<void*> in, out;
    float* halves = nullptr; // [channel: inputs, then outputs][half][frame]
    std::uint32_t half = 0;
    asiowire::Histogram overhead;
    std::atomic<std::uint64_t> cycles{0};
    std::atomic<pid_t> thread{0};

    float* at(std::size_t channel) const
    {
        return halves + channel * stride() + half * frames;
    }
    std::size_t stride() const { return (2 * frames * sizeof(float) + 4095) / 4096 * 1024; }
};

void become_realtime()
{
    pthread_setname_np(pthread_self(), "native-audio");
    sched_param parameters{};
    parameters.sched_priority = 15; // the driver's own default
    pthread_setschedparam(pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters);
}

void process(void* data, spa_io_position* position)
{
    const std::uint64_t begin = asiowire::ticks();
    auto& r = *static_cast<Reference*>(data);
    if (r.thread == 0) {
        r.thread = static_cast<pid_t>(syscall(SYS_gettid));
        become_realtime();
    }
    const auto frames = static_cast<std::uint32_t>(position->clock.duration);
    if (frames != r.frames) return;
    for (std::size_t c = 0; c < r.channels; c++) {
        const auto* from = static_cast<float*>(pw_filter_get_dsp_buffer(r.in[c], frames));
        if (from != nullptr)
            std::memcpy(r.at(c), from, frames * sizeof(float));
        else
            std::memset(r.at(c), 0, frames * sizeof(float));
    }
    const std::uint64_t enter = asiowire::ticks(); // the host would be called here
    const std::uint64_t leave = asiowire::ticks();
    for (std::size_t c = 0; c < r.channels; c++) {
        auto* to = static_cast<float*>(pw_filter_get_dsp_buffer(r.out[c], frames));
        if (to != nullptr) std::memcpy(to, r.at(r.channels + c), frames * sizeof(float));
    }
    r.half ^= 1;
    r.cycles.store(r.cycles.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    r.overhead.add(asiowire::ticks() - begin - (leave - enter));
}

} // namespace

int main(int count, char** words)
{
    if (count != 5) return 2;
    static Reference r;
    r.channels = std::strtoul(words[1], nullptr, 10);
    r.frames = static_cast<std::uint32_t>(std::strtoul(words[2], nullptr, 10));
    const double seconds = std::strtod(words[3], nullptr);
    r.halves = static_cast<float*>(
        std::aligned_alloc(4096, 2 * r.channels * r.stride() * sizeof(float)));
    std::memset(r.halves, 0, 2 * r.channels * r.stride() * sizeof(float));

    pw_init(nullptr, nullptr);
    pw_thread_loop* loop = pw_thread_loop_new("native", nullptr);
    pw_context* context =
        pw_context_new(pw_thread_loop_get_loop(loop),
                       pw_properties_new("module.rt", "false", nullptr), 0);
    pw_thread_loop_start(loop);
    pw_thread_loop_lock(loop);
    pw_core* core = pw_context_connect(context, nullptr, 0);
    if (core == nullptr) return 1;
    pw_properties* properties = pw_properties_new(
        PW_KEY_NODE_NAME, words[4], PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Duplex",
        PW_KEY_NODE_ALWAYS_PROCESS, "true", PW_KEY_NODE_GROUP, "group.dsp.0", nullptr);
    pw_properties_setf(properties, PW_KEY_NODE_FORCE_QUANTUM, "%u", r.frames);
    pw_filter* filter = pw_filter_new(core, words[4], properties);
    static pw_filter_events events{};
    events.version = PW_VERSION_FILTER_EVENTS;
    events.process = process;
    static spa_hook hook{};
    pw_filter_add_listener(filter, &hook, &events, &r);
    for (std::size_t c = 0; c < 2 * r.channels; c++) {
        const bool is_input = c < r.channels;
        const std::string name =
            (is_input ? "in_" : "out_") + std::to_string(c % r.channels + 1);
        void* port = pw_filter_add_port(
            filter, is_input ? PW_DIRECTION_INPUT : PW_DIRECTION_OUTPUT,
            PW_FILTER_PORT_FLAG_MAP_BUFFERS, 0,
            pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio", PW_KEY_PORT_NAME,
                              name.c_str(), nullptr),
            nullptr, 0);
        (is_input ? r.in : r.out).push_back(port);
    }
    pw_filter_connect(filter, PW_FILTER_FLAG_RT_PROCESS, nullptr, 0);
    pw_thread_loop_unlock(loop);

    const auto pause = [](double s) {
        std::this_thread::sleep_for(std::chrono::duration<double>(s));
    };
    std::getchar();
    pause(0.2); // until the graph has settled
    r.overhead.clear();
    r.cycles = 0;
    const std::uint64_t ticks_before = asiowire::ticks();
    const auto time_before = std::chrono::steady_clock::now();
    pause(seconds);
    const double ns = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() -
                                                               time_before)
                          .count();
    const double ns_per_tick = ns / static_cast<double>(asiowire::ticks() - ticks_before);
    std::printf("{\"cycles\":%llu,\"thread\":%d,\"overhead_p50_ns\":%.0f,\"overhead_p99_ns\":%.0f}\n",
                static_cast<unsigned long long>(r.cycles.load()), static_cast<int>(r.thread.load()),
                ns_per_tick * static_cast<double>(r.overhead.percentile(0.5)),
                ns_per_tick * static_cast<double>(r.overhead.percentile(0.99)));
    std::fflush(stdout);
    std::_Exit(0); // the daemon clears up after a client that is gone
}
