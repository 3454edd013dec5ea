// SPDX-License-Identifier: MIT
// The Unix half's side of the door: one entry per abi::Call, called by Wine on the caller's thread.

#include "core/rt.hpp"
#include "pipewire/instances.hpp"
#include "pipewire/log.hpp"
#include "wine/unix/signals.hpp"
#include "wine/unix/switch.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace asiowire {

using Entry = std::int32_t (*)(void* args);
constexpr auto abi_calls = static_cast<std::size_t>(abi::Call::count);

extern "C" {
[[gnu::visibility("default")]] extern const Entry __wine_unix_call_funcs[];
[[gnu::visibility("default")]] extern const Entry __wine_unix_call_wow64_funcs[];
}

namespace {

constinit Instances instances;

template <std::size_t size> void put(char (&to)[size], std::string_view text)
{
    const std::size_t bytes = std::min(text.size(), sizeof to - 1);
    std::memcpy(to, text.data(), bytes);
    to[bytes] = '\0';
}

/// The one converter from params to a status: size check, token look-up, then the call itself.
template <class Params, class Work> std::int32_t enter(void* args, Work work)
{
    auto& params = *static_cast<Params*>(args);
    if (params.head.size != sizeof(Params)) {
        params.head.status = static_cast<std::int32_t>(Status::wrong_version);
        return 0;
    }
    Instance* instance = instances.find(params.engine);
    const Status status = instance == nullptr ? Status::bad_state : work(params, *instance);
    params.head.status = static_cast<std::int32_t>(status);
    return 0;
}

void answer(abi::RunParams& params, const Block& block) ASIOWIRE_RT
{
    params.position = block.position;
    params.time_ns = block.time_ns;
    params.half = static_cast<std::uint8_t>(block.half);
    params.rate = block.rate;
}

/// Hands a block over the door: fills the pending RUN's answer and sleeps on this side until the
/// Windows half calls RUN again.
bool pass_over(void* context, const Block& block, HostSpan& span) ASIOWIRE_RT
{
    auto& instance = *static_cast<Instance*>(context);
    answer(*instance.run, block);
    if (!instance.door->yield()) return false;
    const abi::RunParams& next = *instance.run;
    span = {.enter = next.host_enter_ticks, .leave = next.host_leave_ticks};
    return next.request == static_cast<std::uint8_t>(abi::RunRequest::next_block);
}

std::int32_t open(void* args)
{
    auto& params = *static_cast<abi::OpenParams*>(args);
    if (params.head.size != sizeof params || params.version != abi::version) {
        params.head.status = static_cast<std::int32_t>(Status::wrong_version);
        return 0;
    }
    std::string message;
    const auto text = [](const auto& field) {
        return std::string(field, strnlen(field, sizeof field));
    };
    auto engine = Engine::open(text(params.program), message,
                               {.device = text(params.device), .capture = text(params.capture)});
    put(params.message, message);
    params.head.status = static_cast<std::int32_t>(engine ? Status::ok : engine.error());
    if (!engine) return 0;
    const Engine::Device& device = (*engine)->device();
    params.inputs = device.inputs;
    params.outputs = device.outputs;
    params.rate = device.rate;
    params.preferred_block = device.preferred_block;
    const Settings& settings = (*engine)->settings();
    params.sample_type = static_cast<std::uint32_t>(settings.sample_type);
    params.fixed_block = settings.fixed_block ? 1 : 0;
    auto instance = std::make_unique<Instance>();
    instance->engine = std::move(*engine);
    params.engine = instances.add(std::move(instance));
    if (params.engine == 0) params.head.status = static_cast<std::int32_t>(Status::no_memory);
    return 0;
}

std::int32_t close(void* args)
{
    return enter<abi::CloseParams>(args, [](abi::CloseParams& params, Instance&) {
        const std::unique_ptr<Instance> instance = instances.take(params.engine);
        instance->engine.reset(); // while the door still stands
        return Status::ok;
    });
}

std::int32_t prepare(void* args)
{
    return enter<abi::PrepareParams>(args, [](abi::PrepareParams& params, Instance& instance) {
        const auto address = [](std::uint64_t value) {
            return reinterpret_cast<std::byte*>(static_cast<std::uintptr_t>(value));
        };
        const SampleType type = instance.engine->settings().sample_type;
        if (params.sample_type != static_cast<std::uint32_t>(type)) return Status::bad_argument;
        WarmList warm;
        warm.add(&instance, sizeof instance);
        for (std::size_t i = 0; i < abi::warm_ranges; i++)
            warm.add(address(params.warm_address[i]), params.warm_bytes[i]);
        const Status status = instance.engine->prepare({
            .block = params.block,
            .input_mask = params.input_mask,
            .output_mask = params.output_mask,
            .buffers = {.inputs = address(params.inputs),
                        .outputs = address(params.outputs),
                        .channel_stride = params.channel_stride,
                        .half_stride = params.half_stride},
            .host = &pass_over,
            .host_context = &instance,
            .warm = warm,
        });
        if (status != Status::ok) return status;
        instance.loop_thread = {};
        const auto loop = [](void* engine) { static_cast<Engine*>(engine)->run_loop(); };
        instance.door = std::make_unique<Door>(loop, instance.engine.get(),
                                               instance.engine->settings().hand_off);
        return Status::ok;
    });
}

std::int32_t start(void* args)
{
    return enter<abi::StartParams>(args, [](abi::StartParams& params, Instance& instance) {
        std::string message;
        const Status status = instance.engine->start(message);
        put(params.message, message);
        return status;
    });
}

std::int32_t stop(void* args)
{
    return enter<abi::StopParams>(args, [](abi::StopParams& params, Instance& instance) {
        Engine& engine = *instance.engine;
        params.deferred = 0;
        if (params.audio_thread_lost != 0 && !instance.buffered() && instance.door &&
            !instance.door->abandon()) {
            engine.abandon("the audio thread was terminated inside the graph's cycle");
            return Status::ok;
        }
        if (params.audio_thread_lost != 0 || !instance.on_audio_thread()) return engine.stop();
        params.deferred = 1;
        engine.stop_from_inside();
        return Status::ok;
    });
}

std::int32_t run(void* args);

/// The stack that the switch lands on: our frames below, and Wine's own record of the call above.
void warm_unix_side(Instance& instance, const abi::RunParams& params)
{
    constexpr std::size_t ours = 256;
    constexpr std::size_t wines = 768;
    constexpr std::size_t windows = 640;
    const auto* here = static_cast<const std::byte*>(__builtin_frame_address(0));
    const auto* there =
        reinterpret_cast<const std::byte*>(static_cast<std::uintptr_t>(params.windows_stack));
    Engine& engine = *instance.engine;
    engine.warm(here - ours, ours + wines);
    engine.warm(there - windows, windows);
    engine.warm(instance.door.get(), sizeof(Door));
    engine.warm(&params, sizeof params);
    engine.warm(instances.slot(instance.token), sizeof(void*));
    engine.warm(__wine_unix_call_funcs, abi_calls * sizeof(Entry));
    engine.warm(reinterpret_cast<const void*>(&run), 256);
    engine.warm(reinterpret_cast<const void*>(&asiowire_context_switch), 128);
}

/// The buffered schedule: the graph's loop has a thread of its own, this one is the host's.
bool run_buffered(Instance& instance, abi::RunParams& params, bool quit)
{
    Engine& engine = *instance.engine;
    if (quit) {
        engine.leave();
        return false;
    }
    if (!instance.loop_thread.joinable()) {
        const SignalsBlocked blocked;
        instance.loop_thread = std::jthread([&engine] { engine.run_loop(); });
        engine.become_host_thread();
    }
    Block block;
    if (!engine.await_block(block)) return false;
    answer(params, block);
    return true;
}

bool run_synchronous(Instance& instance, abi::RunParams& params, bool quit)
{
    if (instance.door->way() == Door::Way::undecided) warm_unix_side(instance, params);
    instance.run = &params;
    if (quit) instance.engine->leave();
    return instance.door->run(static_cast<std::uintptr_t>(params.stack_floor));
}

std::int32_t run(void* args)
{
    auto& params = *static_cast<abi::RunParams*>(args);
    Instance* instance = instances.find(params.engine);
    params.outcome = static_cast<std::uint8_t>(abi::RunOutcome::ended);
    if (instance == nullptr || !instance->door) return 0;
    const bool quit = params.request == static_cast<std::uint8_t>(abi::RunRequest::quit);
    if (!quit) instance->audio_thread.store(pthread_self(), std::memory_order_relaxed);
    if (instance->buffered() ? run_buffered(*instance, params, quit)
                             : run_synchronous(*instance, params, quit)) {
        params.outcome = static_cast<std::uint8_t>(abi::RunOutcome::block_ready);
        return 0;
    }
    instance->audio_thread = pthread_t{};
    if (quit) instance->engine->clear_up();
    return 0;
}

std::int32_t next_event(void* args)
{
    return enter<abi::NextEventParams>(args, [](abi::NextEventParams& params, Instance& instance) {
        const auto wire = [](Engine::Event event) {
            switch (event) {
            case Engine::Event::latencies_changed: return abi::Event::latencies_changed;
            case Engine::Event::overload: return abi::Event::overload;
            case Engine::Event::device_changed: return abi::Event::reset;
            case Engine::Event::reset: return abi::Event::reset;
            case Engine::Event::resync: return abi::Event::resync;
            case Engine::Event::rate_changed: return abi::Event::rate_changed;
            case Engine::Event::block_changed: return abi::Event::block_changed;
            case Engine::Event::closed: break;
            }
            return abi::Event::closed;
        };
        const Engine::Notice notice = instance.engine->next_event();
        params.kind = static_cast<std::uint32_t>(wire(notice.event));
        params.value = notice.value;
        return Status::ok;
    });
}

std::int32_t close_events(void* args)
{
    return enter<abi::CloseParams>(args, [](abi::CloseParams&, Instance& instance) {
        instance.engine->close_events();
        return Status::ok;
    });
}

std::int32_t status(void* args)
{
    return enter<abi::StatusParams>(args, [](abi::StatusParams& params, Instance& instance) {
        const Engine::Status now = instance.engine->status(params.block);
        params.rate = now.rate;
        params.quantum = now.quantum;
        params.fifo_delay = now.fifo_delay;
        params.budget = now.budget;
        params.preferred_block = now.preferred_block;
        params.input_latency = now.input_latency;
        params.output_latency = now.output_latency;
        params.cycles = now.cycles;
        params.blocks = now.blocks;
        params.gaps = now.gaps;
        params.overruns = now.overruns;
        params.late = now.late;
        params.hangs = now.hangs;
        params.overhead_p50_ns = now.overhead_p50_ns;
        params.overhead_p99_ns = now.overhead_p99_ns;
        return Status::ok;
    });
}

std::int32_t rate(void* args)
{
    return enter<abi::RateParams>(args, [](abi::RateParams& params, Instance& instance) {
        std::string message;
        Engine& engine = *instance.engine;
        const Status status =
            params.only_ask != 0
                ? engine.offers_rate(params.rate, message)
                : engine.set_rate(params.rate, !instance.on_audio_thread(), message);
        put(params.message, message);
        return status;
    });
}

std::int32_t channel(void* args)
{
    return enter<abi::ChannelParams>(args, [](abi::ChannelParams& params, Instance& instance) {
        const Engine::Device& device = instance.engine->device();
        const auto& names = params.is_input != 0 ? device.input_names : device.output_names;
        if (params.channel >= names.size()) return Status::bad_argument;
        put(params.name, names[params.channel]);
        return Status::ok;
    });
}

std::int32_t write_log(void* args)
{
    const auto& params = *static_cast<const abi::LogParams*>(args);
    const std::size_t bytes = std::min<std::size_t>(params.bytes, sizeof params.text);
    log(LogLevel::warning, {params.text, bytes});
    return 0;
}

} // namespace

// One table serves 64-bit and WoW64 callers, because every struct of abi.h has one layout.
// Order: abi::Call.
#define ASIOWIRE_ENTRIES                                                                           \
    {open, close, prepare, start, stop, run, next_event, close_events, status, write_log, rate,   \
     channel}

extern "C" {
const Entry __wine_unix_call_funcs[] = ASIOWIRE_ENTRIES;
const Entry __wine_unix_call_wow64_funcs[] = ASIOWIRE_ENTRIES;
static_assert(sizeof(__wine_unix_call_funcs) / sizeof(Entry) == abi_calls);
}

} // namespace asiowire
