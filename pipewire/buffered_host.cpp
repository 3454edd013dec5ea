// SPDX-License-Identifier: MIT
// The host's side of the ring, and its making.

#include "pipewire/buffered_host.hpp"

#include "core/reblock.hpp"
#include "core/ticks.hpp"

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
        state_.page->host.add(whole_ns(state_.clock->span_ns(ticks() - since)));
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
