// SPDX-License-Identifier: MIT
// create_buffers … start … stop … dispose_buffers … Release.

#include "asio/buffer_request.hpp"
#include "asio/opened.hpp"

namespace asiowire {

namespace {

constexpr char from_inside[] = "not possible inside bufferSwitch";
constexpr char released[] = "the driver was released";
constexpr std::uint32_t ending_patience_ms = 5000;
constexpr DWORD event_thread_patience_ms = 2000;

} // namespace

Outcome Opened::create_buffers(asio::BufferInfo* infos, std::int32_t count, std::int32_t frames,
                               const asio::Callbacks* callbacks)
{
    const BufferLimits limits = {
        .inputs = device_.inputs,
        .outputs = device_.outputs,
        .min_block = device_.fixed_block ? device_.preferred_block : Frames{min_block},
        .max_block = device_.fixed_block ? device_.preferred_block : Frames{max_block},
    };
    Outcome request = check_request(infos, count, frames, callbacks, limits);
    if (request.status != Status::ok) return request;
    if (inside_callback()) return {Status::bad_state, from_inside};
    const Host host(*callbacks); // asks the host, before anything is locked
    return change([&] { return prepare(infos, count, frames, host); });
}

Outcome Opened::start()
{
    if (inside_callback()) return {Status::bad_state, from_inside};
    return change([&] { return run(); });
}

Outcome Opened::stop()
{
    if (inside_callback()) return wish(Changes::stop);
    return change([&]() -> Outcome {
        const auto prepared = prepared_.get();
        if (!prepared || !prepared->running()) return {Status::bad_state, "not running"};
        return halt();
    });
}

Outcome Opened::dispose_buffers()
{
    constexpr char no_buffers[] = "there are no buffers";
    if (inside_callback())
        return prepared_.get() ? wish(Changes::dispose) : Outcome(Status::bad_state, no_buffers);
    std::shared_ptr<Events> events;
    Outcome outcome = change([&]() -> Outcome {
        if (!prepared_.get()) return {Status::bad_state, no_buffers};
        events = events_;
        return discard();
    });
    if (events) events->let_finish();
    return outcome;
}

void Opened::retire()
{
    retired_ = true;
    const bool inside = inside_callback();
    // Inside, what changes_ guards is safe to read: nobody makes buffers while some are running.
    if (inside)
        wish(Changes::dispose);
    else
        change([&] { return discard(); });
    if (!event_thread_) return;
    auto params = abi::make<abi::CloseParams>();
    params.engine = engine_->value();
    unix_half::ask(abi::Call::close_events, params);
    if (!inside) event_thread_->join(event_thread_patience_ms);
}

Outcome Opened::wish(std::uint32_t wishes)
{
    changes_.wish(wishes, [this](std::uint32_t granted) { grant(granted); });
    return Status::ok;
}

void Opened::grant(std::uint32_t wishes)
{
    if ((wishes & Changes::dispose) != 0)
        discard();
    else
        halt();
}

Outcome Opened::prepare(asio::BufferInfo* infos, std::int32_t count, std::int32_t frames,
                        const Host& host)
{
    if (retired_) return {Status::bad_state, released};
    if (prepared_.get())
        return {Status::bad_state, "there are buffers already; dispose of them first"};
    const ChannelMasks masks = channel_masks(infos, count);
    auto buffers = HostBuffers::allocate(device_.sample_type, static_cast<Frames>(frames),
                                         masks.inputs, masks.outputs);
    if (!buffers) return {Status::no_memory, "no memory for the buffers"};
    for (asio::BufferInfo* info = infos; info != infos + count; info++)
        for (std::uint32_t half = 0; half < 2; half++)
            info->buffers[half] = buffers->half(
                info->is_input != 0, static_cast<std::uint32_t>(info->channel), half);

    const auto session = std::make_shared<Session>(engine_, std::move(buffers), host);
    hear_events();
    events_->aim_at(session);
    prepared_.put(std::make_shared<Prepared>(session));
    return Status::ok;
}

void Opened::hear_events()
{
    if (events_) return;
    events_ = std::make_shared<Events>(engine_);
    event_thread_ = EventThread::create(engine_->value(), events_);
    if (!event_thread_) unix_half::log("no event thread: the host will miss notifications");
}

Outcome Opened::run()
{
    const auto prepared = prepared_.get();
    if (retired_) return {Status::bad_state, released};
    if (!prepared) return {Status::bad_state, "createBuffers comes first"};
    if (prepared->running()) return {Status::bad_state, "running already"};
    if (!wait_for_ending())
        return {Status::system_error, "the host is still inside its last bufferSwitch"};
    Outcome outcome = prepared->start();
    if (outcome.status != Status::ok) halt();
    return outcome;
}

Outcome Opened::halt()
{
    const auto prepared = prepared_.get();
    auto running = prepared ? prepared->leave_running() : nullptr;
    if (!running) return Status::ok;
    Outcome outcome = running->end();
    if (!running->over(0)) ending_ = std::move(running);
    return outcome;
}

Outcome Opened::discard()
{
    if (!inside_callback()) wait_for_ending();
    const Outcome halted = halt();
    if (halted.status != Status::ok) unix_half::log("disposeBuffers: " + halted.text);
    prepared_.take();
    if (events_) events_->aim_at({});
    return Status::ok;
}

bool Opened::wait_for_ending()
{
    if (ending_ && !ending_->over(ending_patience_ms)) return false;
    ending_.reset();
    return true;
}

} // namespace asiowire
