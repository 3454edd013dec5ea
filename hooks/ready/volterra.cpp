// SPDX-License-Identifier: MIT
/* The distortion of a live loop: what comes in while a synchronized sweep goes out. */

#include "hooks/ready/loop_settings.hpp"
#include "hooks/ready/loop_worker.hpp"
#include "hooks/ready/ready.h"
#include "hooks/ready/sweep_words.h"

#include <chrono>
#include <exception>
#include <malloc.h>
#include <memory>
#include <string>
#include <vector>

using namespace asiowire;

namespace {

struct Volterra {
    const AsioWireHookHost* host;
    LoopPlan plan;
    std::vector<LoopWatch> watches;
    std::unique_ptr<LoopWorker> worker;
    bool begun = false;
    std::uint64_t next = 0; // position
    std::uint64_t frames = 0;
    std::chrono::steady_clock::time_point since;
};

int32_t create_guarded(const AsioWireHookHost* host, const AsioWireHookStream* stream,
                       const AsioWireHookSetting* settings, void** out_self)
{
    auto self = std::make_unique<Volterra>();
    self->host = host;
    if (!loop_plan(host, settings, stream->rate, self->plan) ||
        !loop_watches(host, stream, settings, self->plan, self->watches))
        return ASIOWIRE_HOOK_FAILURE;
    // A second thread's heap reserves a quarter of what a hook may have before it is used.
    mallopt(M_ARENA_MAX, 1);
    self->worker = std::make_unique<LoopWorker>(self->plan);
    const std::vector<float> grid = loop_grid(self->plan);
    host->publish_array(host, "grid_hz", grid.data(), static_cast<uint32_t>(grid.size()));
    loop_say(host, ASIOWIRE_HOOK_INFO,
             "listening for a sweep from %g to %g Hz in %g seconds, made for %u Hz",
             self->plan.sweep.first, self->plan.sweep.last, self->plan.sweep.seconds, stream->rate);
    *out_self = self.release();
    return ASIOWIRE_HOOK_SUCCESS;
}

int32_t create(const AsioWireHookHost* host, const AsioWireHookStream* stream,
               const AsioWireHookSetting* settings, void** out_self)
{
    try {
        return create_guarded(host, stream, settings, out_self);
    } catch (const std::exception& trouble) { // memory, or no thread
        loop_say(host, ASIOWIRE_HOOK_ERROR, "%s", trouble.what());
        return ASIOWIRE_HOOK_FAILURE;
    }
}

void publish(const Volterra& self, const std::string& output, const LoopFigures& figures)
{
    const AsioWireHookHost* const host = self.host;
    const char* const in = figures.input.c_str();
    if (!figures.failure.empty()) {
        loop_say(host, ASIOWIRE_HOOK_WARNING, "%s", figures.failure.c_str());
        return;
    }
    const auto array = [&](const char* name, const std::vector<float>& values) {
        char full[ASIOWIRE_HOOK_NAME_BYTES + 1];
        snprintf(full, sizeof full, "%s/%s", name, in);
        host->publish_array(host, full, values.data(), static_cast<uint32_t>(values.size()));
    };
    ready_publish(host, "sweep_db", in, figures.sweep_db);
    ready_publish(host, "delay_frames", in, static_cast<double>(figures.delay));
    ready_publish(host, "gain_db", in, figures.gain_db);
    ready_publish(host, "thd_percent", in, figures.thd_percent);
    ready_publish(host, "noise_db", in, figures.noise_known ? figures.noise_db : NAN);
    ready_publish(host, "clipped", in, static_cast<double>(figures.clipped));
    array("harmonics_db", figures.harmonics_db);
    for (std::size_t m = 0; m < figures.responses_db.size(); m++)
        array(("h" + std::to_string(m + 1) + "_db").c_str(), figures.responses_db[m]);
    for (const std::string& warning : figures.warnings)
        loop_say(host, ASIOWIRE_HOOK_WARNING, "%s", warning.c_str());
    loop_say(host, ASIOWIRE_HOOK_INFO,
             "%s: the sweep of %s has ended: delay %ld frames, gain %.2f dB, THD %.4f %% at %g Hz",
             in, output.c_str(), figures.delay, figures.gain_db, figures.thd_percent,
             self.plan.reference_hz);
}

void collect(Volterra& self, std::chrono::milliseconds patience)
{
    while (self.worker->busy()) {
        const auto done = self.worker->take(patience);
        if (!done) return;
        if (!done->failure.empty())
            loop_say(self.host, ASIOWIRE_HOOK_WARNING, "%s", done->failure.c_str());
        for (const LoopFigures& figures : done->inputs)
            publish(self, done->output, figures);
    }
}

/// Live audio never waits for the worker. A file, which comes as fast as it is read, does: its
/// results are to be there before its end, and destroy() has no time.
void keep_pace(Volterra& self)
{
    using namespace std::chrono;
    const duration<double> here = steady_clock::now() - self.since;
    const double there = static_cast<double>(self.frames) / self.plan.sweep.rate;
    const bool live = there < 2 * here.count();
    collect(self, milliseconds(live ? 0 : 100));
}

int32_t process_guarded(Volterra& self, const AsioWireHookBlock* block)
{
    if (self.begun && (block->lost > 0 || block->position != self.next)) {
        const std::uint64_t gap = block->position > self.next ? block->position - self.next : 0;
        for (LoopWatch& watch : self.watches)
            if (watch.interrupt())
                loop_say(
                    self.host, ASIOWIRE_HOOK_WARNING,
                    "%s: the stream has a gap of %llu frames; the measurement is abandoned. Play "
                    "the sweep again",
                    watch.output().c_str(), static_cast<unsigned long long>(gap));
    }
    if (!self.begun) self.since = std::chrono::steady_clock::now();
    self.begun = true;
    self.frames += block->frames;
    self.next = block->position + block->frames;
    for (LoopWatch& watch : self.watches) {
        for (std::size_t first = 0; first < block->frames;) {
            std::size_t heard = 0;
            LoopWatch::Step step = watch.hear(block->audio, first, block->frames - first, heard);
            first += heard;
            if (!step.said.empty())
                loop_say(self.host, step.warning ? ASIOWIRE_HOOK_WARNING : ASIOWIRE_HOOK_INFO, "%s",
                         step.said.c_str());
            if (step.take != nullptr) self.worker->give(std::move(step.take));
        }
    }
    keep_pace(self);
    return ASIOWIRE_HOOK_SUCCESS;
}

int32_t process(void* self, const AsioWireHookBlock* block)
{
    Volterra& hook = *static_cast<Volterra*>(self);
    try {
        return process_guarded(hook, block);
    } catch (const std::exception& trouble) {
        return ready_failure(hook.host, trouble.what());
    }
}

void destroy(void* self)
{
    Volterra* const hook = static_cast<Volterra*>(self);
    // Results that are as good as there; the runner's limit for a call is 700 ms.
    collect(*hook, std::chrono::milliseconds(500));
    if (hook->worker->busy())
        loop_say(hook->host, ASIOWIRE_HOOK_WARNING,
                 "the stream ended before the figures of its last sweep were computed; a second "
                 "more of it, be it silent, is needed");
    for (LoopWatch& watch : hook->watches)
        if (watch.interrupt())
            loop_say(
                hook->host, ASIOWIRE_HOOK_WARNING,
                "%s: the stream ended before the sweep and its response were over; nothing was "
                "measured",
                watch.output().c_str());
    delete hook;
}

const AsioWireHookSettingInfo settings[] = {
    {"pairs", "", "OUTPUT:INPUT,…; none: every output with the input of its number"},
    {"f1", SWEEP_F1, "the sweep's first frequency, Hz"},
    {"f2", SWEEP_F2, "the sweep's last frequency, Hz"},
    {"seconds", SWEEP_SECONDS, "the sweep's duration"},
    {"orders", "5", "harmonics to tell, 1 to 5, the fundamental included"},
    {"hz", "1000", "frequency that single figures are told for"},
    {"delay_ms", "500", "longest delay from output to input"},
    {nullptr, nullptr, nullptr},
};

const AsioWireHook hook = {
    ASIOWIRE_HOOK_ABI,
    sizeof hook,
    "volterra",
    "1.0",
    "harmonic responses of a loop, from a sweep that is played into it",
    settings,
    create,
    process,
    destroy,
};

} // namespace

extern "C" const AsioWireHook* asiowire_hook(uint32_t runner_abi)
{
    return runner_abi == ASIOWIRE_HOOK_ABI ? &hook : nullptr;
}
