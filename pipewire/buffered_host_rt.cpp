// SPDX-License-Identifier: MIT
// exchange() runs on the audio thread; the rest says where.

#include "core/reblock.hpp"
#include "core/ticks.hpp"
#include "pipewire/buffered_host.hpp"

#include <algorithm>
#include <cstring>

namespace asiowire {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr Frames largest_quantum = 8192; // a larger one makes blocks late, no more
constexpr std::size_t line_floats = 16;  // of a cache line

std::size_t stride_floats(Frames block)
{
    return (block + line_floats - 1) / line_floats * line_floats + line_floats;
}

/// As many as the longest budget, and the one that is being given.
std::size_t slots_for(Frames block)
{
    return buffered_budget(block, largest_quantum) / block + 1;
}

} // namespace

BufferedHost::BufferedHost(RtState& state, std::size_t n_inputs, std::size_t n_outputs,
                           const HostBuffers& host, SampleType type)
    : state_(state), n_inputs_(n_inputs), n_outputs_(n_outputs), host_(host),
      convert_(converter(type)), stride_(stride_floats(state.block)), slots_(slots_for(state.block)),
      memory_((2 + slots_.size()) * (n_inputs + n_outputs) * stride_ + 1) // never null
{
    const std::size_t stride = stride_ * sizeof(float);
    auto* const base = reinterpret_cast<std::byte*>(memory_.data());
    halves_ = {.inputs = base,
               .outputs = base + n_inputs * stride,
               .channel_stride = static_cast<std::uint32_t>(stride),
               .half_stride = static_cast<std::uint32_t>((n_inputs + n_outputs) * stride)};
    state.buffers = halves_;
    state.convert = converter(SampleType::float32);
    state.sample_bytes = bytes_per_sample(SampleType::float32);
    state.host = &BufferedHost::exchange;
    state.host_context = this;
    state.host_elsewhere = true;
}

float* BufferedHost::input(std::uint64_t number, std::size_t channel) ASIOWIRE_RT
{
    return memory_.data() + ((2 + index(number)) * (n_inputs_ + n_outputs_) + channel) * stride_;
}

float* BufferedHost::output(std::uint64_t number, std::size_t channel) ASIOWIRE_RT
{
    return input(number, n_inputs_ + channel);
}

bool BufferedHost::exchange(void* self, const Block& block, HostSpan& span) ASIOWIRE_RT
{
    auto& host = *static_cast<BufferedHost*>(self);
    span = {};
    host.follow_quantum();
    const std::uint64_t call = host.calls_++;
    const bool in_time = call < host.budget_ || host.take_outputs(call - host.budget_, block.half);
    const std::uint64_t outstanding =
        host.given_.load(relaxed) - host.finished_.load(std::memory_order_acquire);
    const bool room = outstanding < host.budget_;
    if (room) host.give(block);
    if (!in_time || !room) {
        std::atomic<std::uint64_t>& late = host.state_.late;
        late.store(late.load(relaxed) + 1, relaxed);
    }
    return !host.closed_.load(relaxed);
}

/// The budget grows with the quantum, which costs silence once, and never shrinks.
void BufferedHost::follow_quantum() ASIOWIRE_RT
{
    const std::uint64_t needed = buffered_budget(state_.block, state_.quantum) / state_.block;
    const std::uint64_t most = slots_.size() - 1;
    if (needed <= budget_ || budget_ == most) return;
    budget_ = std::min(needed, most);
    state_.budget.store(static_cast<Frames>(budget_ * state_.block), relaxed);
}

/// False: the host has not finished the block that was given in the call `due`. One that was not
/// given then has been counted then.
bool BufferedHost::take_outputs(std::uint64_t due, std::uint32_t half) ASIOWIRE_RT
{
    const std::uint64_t given = given_.load(relaxed);
    while (taken_ < given && slots_[index(taken_)].call < due) taken_++; // too late, not played
    if (taken_ == given || slots_[index(taken_)].call != due) return true;
    const std::uint64_t number = taken_++;
    if (finished_.load(std::memory_order_acquire) <= number) return false;
    for (std::size_t c = 0; c < n_outputs_; c++)
        std::memcpy(halves_.output(c, half), output(number, c), state_.block * sizeof(float));
    return true;
}

void BufferedHost::give(const Block& block) ASIOWIRE_RT
{
    const std::uint64_t number = given_.load(relaxed);
    for (std::size_t c = 0; c < n_inputs_; c++)
        std::memcpy(input(number, c), halves_.input(c, block.half), state_.block * sizeof(float));
    slots_[index(number)] = {.block = block, .call = calls_ - 1};
    given_.store(number + 1, std::memory_order_release);
    ASIOWIRE_RT_UNKNOWN_BEGIN("a futex wake: the price of the buffered schedule, once per block")
    ready_.release();
    ASIOWIRE_RT_UNKNOWN_END
}

bool BufferedHost::await(Block& next)
{
    finish();
    ready_.acquire();
    if (closed_) return false;
    const std::uint64_t number = finished_.load(relaxed);
    host_half_ ^= 1;
    for (std::size_t c = 0; c < n_inputs_; c++)
        convert_.from_float(host_.input(c, host_half_), input(number, c), state_.block);
    host_.clear_outputs(n_outputs_, host_half_);
    next = slots_[index(number)].block;
    next.half = host_half_;
    holding_ = true;
    state_.host_since.store(ticks(), relaxed);
    return true;
}

void BufferedHost::finish()
{
    if (!holding_) return;
    if (const std::uint64_t since = state_.host_since.load(relaxed); state_.page && state_.clock)
        state_.page->host.add(
            static_cast<std::uint64_t>(std::max(state_.clock->span_ns(ticks() - since), 0.0)));
    state_.host_since.store(0, relaxed);
    const std::uint64_t number = finished_.load(relaxed);
    for (std::size_t c = 0; c < n_outputs_; c++)
        convert_.to_float(output(number, c), host_.output(c, host_half_), state_.block);
    finished_.store(number + 1, std::memory_order_release);
    holding_ = false;
}

void BufferedHost::close()
{
    closed_ = true;
    ready_.release();
}

} // namespace asiowire
