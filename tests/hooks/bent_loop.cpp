// SPDX-License-Identifier: MIT
// A device whose output comes back, as a native node: what is played into its first port is
// recorded bent and late from its first, straight and late from its second. Knows nothing of the
// driver. Usage: hooks-bent_loop NODE DELAY A2 A3   until it is ended; prints "ready" when it runs
#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr int channels = 2; // a device has two at least

struct Loop {
    pw_filter* filter = nullptr;
    void* in[channels] = {};
    void* out[channels] = {};
    double second = 0;
    double third = 0;
    std::vector<float> past; // a circle
    std::size_t at = 0;
    bool ready = false;
};

void process(void* data, spa_io_position* position)
{
    Loop& loop = *static_cast<Loop*>(data);
    const auto frames = static_cast<std::uint32_t>(position->clock.duration);
    const auto* const heard = static_cast<float*>(pw_filter_get_dsp_buffer(loop.in[0], frames));
    (void)pw_filter_get_dsp_buffer(loop.in[1], frames);
    auto* const bent = static_cast<float*>(pw_filter_get_dsp_buffer(loop.out[0], frames));
    auto* const straight = static_cast<float*>(pw_filter_get_dsp_buffer(loop.out[1], frames));
    for (std::uint32_t i = 0; i < frames; i++) {
        const float late = loop.past[loop.at];
        loop.past[loop.at] = heard != nullptr ? heard[i] : 0;
        loop.at = (loop.at + 1) % loop.past.size();
        const auto x = static_cast<double>(late);
        if (bent != nullptr)
            bent[i] = static_cast<float>(x + loop.second * x * x + loop.third * x * x * x);
        if (straight != nullptr) straight[i] = late;
    }
}

void state_changed(void* data, pw_filter_state, pw_filter_state state, const char*)
{
    Loop& loop = *static_cast<Loop*>(data);
    if (loop.ready || (state != PW_FILTER_STATE_PAUSED && state != PW_FILTER_STATE_STREAMING))
        return;
    loop.ready = true;
    std::printf("ready\n");
    std::fflush(stdout);
}

} // namespace

int main(int count, char** words)
{
    if (count != 5) return 2;
    pw_init(nullptr, nullptr);
    pw_main_loop* const main_loop = pw_main_loop_new(nullptr);
    Loop loop;
    loop.past.resize(std::strtoul(words[2], nullptr, 10));
    loop.second = std::strtod(words[3], nullptr);
    loop.third = std::strtod(words[4], nullptr);
    if (loop.past.empty()) return 2;
    pw_filter_events events{};
    events.version = PW_VERSION_FILTER_EVENTS;
    events.process = process;
    events.state_changed = state_changed;
    loop.filter = pw_filter_new_simple(pw_main_loop_get_loop(main_loop), words[1],
                                       pw_properties_new(PW_KEY_NODE_NAME, words[1],
                                                         PW_KEY_NODE_ALWAYS_PROCESS, "true",
                                                         PW_KEY_NODE_GROUP, "group.dsp.0", nullptr),
                                       &events, &loop);
    for (int c = 0; c < channels; c++)
        for (const bool is_input : {true, false}) {
            const std::string name = (is_input ? "play_" : "record_") + std::to_string(c + 1);
            (is_input ? loop.in : loop.out)[c] =
                pw_filter_add_port(loop.filter, is_input ? PW_DIRECTION_INPUT : PW_DIRECTION_OUTPUT,
                                   PW_FILTER_PORT_FLAG_MAP_BUFFERS, 0,
                                   pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio",
                                                     PW_KEY_PORT_NAME, name.c_str(), nullptr),
                                   nullptr, 0);
        }
    if (pw_filter_connect(loop.filter, PW_FILTER_FLAG_RT_PROCESS, nullptr, 0) < 0) return 1;
    pw_main_loop_run(main_loop);
    return 0;
}
