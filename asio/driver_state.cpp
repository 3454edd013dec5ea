// SPDX-License-Identifier: MIT
// create_buffers … start … stop … dispose_buffers.

#include "asio/driver.hpp"
#include "asio/events.hpp"
#include "asio/srw_guard.hpp"
#include "wine/pe/unix_half.hpp"

#include <utility>

namespace asiowire {

namespace {

constexpr std::int32_t max_requests = 4 * abi::max_channels; // every channel, each twice
constexpr DWORD ending_patience_ms = 5000;

/// Holds the state-change lock; on the audio thread it is only tried, because whoever has it may be
/// waiting for that very thread.
class ChangeGuard {
public:
    ChangeGuard(CRITICAL_SECTION& section, bool may_wait) : section_(section)
    {
        if (may_wait)
            EnterCriticalSection(&section_);
        else
            held_ = TryEnterCriticalSection(&section_) != 0;
    }
    ~ChangeGuard()
    {
        if (held_) LeaveCriticalSection(&section_);
    }
    ChangeGuard(const ChangeGuard&) = delete;
    ChangeGuard& operator=(const ChangeGuard&) = delete;
    bool held() const { return held_; }

private:
    CRITICAL_SECTION& section_;
    bool held_ = true;
};

} // namespace

std::int32_t ASIO_METHOD Driver::create_buffers(asio::BufferInfo* infos, std::int32_t count,
                                                std::int32_t frames,
                                                const asio::Callbacks* callbacks)
{
    return enter("createBuffers", [&] { return create(infos, count, frames, callbacks); });
}

std::int32_t ASIO_METHOD Driver::dispose_buffers()
{
    return enter("disposeBuffers", [this]() -> Outcome {
        if (!session()) return {Status::bad_state, "there are no buffers"};
        if (running()) halt();
        return dispose();
    });
}

std::int32_t ASIO_METHOD Driver::start()
{
    return enter("start", [this] { return run(); });
}

std::int32_t ASIO_METHOD Driver::stop()
{
    return enter("stop", [this]() -> Outcome {
        if (!running()) return {Status::bad_state, "not running"};
        return halt();
    });
}

Driver::Outcome Driver::check(const asio::BufferInfo* infos, std::int32_t count,
                              std::int32_t frames, const asio::Callbacks* callbacks,
                              const Opened& device) const
{
    if (infos == nullptr || callbacks == nullptr)
        return {Status::bad_argument, "a pointer is null"};
    if (callbacks->buffer_switch == nullptr && callbacks->buffer_switch_time_info == nullptr)
        return {Status::bad_argument, "there is no bufferSwitch to call"};
    if (frames < static_cast<std::int32_t>(min_block) ||
        frames > static_cast<std::int32_t>(max_block))
        return {Status::bad_argument, std::to_string(frames) + " frames are not within " +
                                          std::to_string(min_block) + " to " +
                                          std::to_string(max_block)};
    if (count < 1 || count > max_requests)
        return {Status::bad_argument, std::to_string(count) + " buffers cannot be made"};
    for (const asio::BufferInfo* info = infos; info != infos + count; info++) {
        if (info->is_input != 0 && info->is_input != 1)
            return {Status::bad_argument, "isInput is neither 0 nor 1"};
        const std::uint32_t channels = info->is_input != 0 ? device.inputs : device.outputs;
        if (info->channel < 0 || static_cast<std::uint32_t>(info->channel) >= channels)
            return {Status::bad_argument, std::string(info->is_input != 0 ? "input" : "output") +
                                              " channel " + std::to_string(info->channel) +
                                              " does not exist; there are " +
                                              std::to_string(channels)};
    }
    return Status::ok;
}

Driver::Outcome Driver::create(asio::BufferInfo* infos, std::int32_t count, std::int32_t frames,
                               const asio::Callbacks* callbacks)
{
    const auto device = opened();
    if (!device) return {Status::bad_state, "init was not called or failed"};
    const Outcome fault = check(infos, count, frames, callbacks, *device);
    if (fault.status != Status::ok) return fault;

    std::uint64_t masks[2] = {0, 0}; // outputs, inputs
    for (std::int32_t i = 0; i < count; i++)
        masks[infos[i].is_input] |= std::uint64_t{1} << infos[i].channel;

    const ChangeGuard change(change_, !inside_callback());
    if (!change.held() || inside_callback())
        return {Status::bad_state, "not possible inside bufferSwitch"};
    if (session()) return {Status::bad_state, "there are buffers already; dispose of them first"};
    auto buffers = HostBuffers::allocate(static_cast<Frames>(frames), masks[1], masks[0]);
    if (!buffers) return {Status::no_memory, "no memory for the buffers"};
    for (std::int32_t i = 0; i < count; i++)
        for (std::uint32_t half = 0; half < 2; half++)
            infos[i].buffers[half] = buffers->half(
                infos[i].is_input != 0, static_cast<std::uint32_t>(infos[i].channel), half);

    auto session = std::make_shared<Session>(device->engine, std::move(buffers), *callbacks);
    if (!events_) {
        events_ = std::make_shared<Events>(device->engine);
        event_thread_ = EventThread::create(device->engine->value(), events_);
        if (!event_thread_)
            unix_half::log("no event thread: the host will miss notifications");
    }
    events_->aim_at(session);
    const SrwGuard guard(state_lock_, SrwGuard::exclusive);
    session_ = std::move(session);
    return Status::ok;
}

Driver::Outcome Driver::run()
{
    const ChangeGuard change(change_, !inside_callback());
    if (!change.held() || inside_callback())
        return {Status::bad_state, "not possible inside bufferSwitch"};
    const std::shared_ptr<Session> session = this->session();
    if (!session) return {Status::bad_state, "createBuffers comes first"};
    if (running()) return {Status::bad_state, "running already"};
    wait_for_ending();

    const HostBuffers& buffers = session->buffers();
    auto prepare = abi::make<abi::PrepareParams>();
    prepare.engine = session->engine().value();
    prepare.input_mask = buffers.input_mask();
    prepare.output_mask = buffers.output_mask();
    prepare.inputs = reinterpret_cast<std::uintptr_t>(buffers.inputs());
    prepare.outputs = reinterpret_cast<std::uintptr_t>(buffers.outputs());
    prepare.channel_stride = static_cast<std::uint32_t>(buffers.channel_stride());
    prepare.half_stride = static_cast<std::uint32_t>(buffers.half_stride());
    prepare.block = buffers.block();
    session->list_warm(prepare);
    if (const Status status = unix_half::ask(abi::Call::prepare, prepare); status != Status::ok)
        return status;

    session->reset_position();
    std::shared_ptr<AudioThread> thread =
        AudioThread::create(session->engine().value(), {&Session::block, session});
    if (!thread) return {Status::system_error, "Windows refused the audio thread"};
    {
        const SrwGuard guard(state_lock_, SrwGuard::exclusive);
        running_ = thread;
    }
    auto start = abi::make<abi::StartParams>();
    start.engine = session->engine().value();
    const Status status = unix_half::ask(abi::Call::start, start);
    if (status == Status::ok) {
        keep(start.message);
        return Status::ok;
    }
    halt();
    return {status, start.message};
}

Driver::Outcome Driver::halt()
{
    const bool inside = inside_callback();
    const ChangeGuard change(change_, !inside);
    if (!change.held()) return Status::ok; // another thread is stopping us right now
    std::shared_ptr<AudioThread> thread;
    std::shared_ptr<Session> session;
    {
        const SrwGuard guard(state_lock_, SrwGuard::exclusive);
        thread = std::exchange(running_, nullptr);
        session = session_;
        if (inside && thread) ending_ = thread;
    }
    if (!thread) return Status::ok;
    auto params = abi::make<abi::StopParams>();
    params.engine = session->engine().value();
    params.audio_thread_lost = !inside && thread->lost() ? 1 : 0;
    const Status status = unix_half::ask(abi::Call::stop, params);
    if (!inside && params.audio_thread_lost == 0 && !thread->join(ending_patience_ms))
        return {Status::system_error, "the audio thread does not come back from the host"};
    return status;
}

Driver::Outcome Driver::dispose()
{
    const ChangeGuard change(change_, !inside_callback());
    if (!change.held()) return Status::ok;
    if (!inside_callback()) wait_for_ending();
    std::shared_ptr<Session> last;
    {
        const SrwGuard guard(state_lock_, SrwGuard::exclusive);
        last = std::exchange(session_, nullptr);
    }
    if (events_) events_->aim_at({});
    return Status::ok;
}

void Driver::wait_for_ending()
{
    std::shared_ptr<AudioThread> thread;
    {
        const SrwGuard guard(state_lock_, SrwGuard::exclusive);
        thread = std::exchange(ending_, nullptr);
    }
    if (thread) thread->join(ending_patience_ms);
}

} // namespace asiowire
