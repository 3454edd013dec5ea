// SPDX-License-Identifier: MIT
// exchange() runs on the audio thread; the rest says where.

#include "core/ticks.hpp"
#include "pipewire/buffered_host.hpp"

namespace asiowire {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr std::size_t line_floats = 16; // of a cache line

std::size_t stride_floats(Frames block)
{
    return (block + line_floats - 1) / line_floats * line_floats + line_floats;
}

} // namespace

BufferedHost::BufferedHost(RtState& state, std::size_t n_inputs, std::size_t n_outputs,
                           const HostBuffers& host, SampleType type)
    : state_(state), n_inputs_(n_inputs), n_outputs_(n_outputs), host_(host),
      convert_(converter(type)),
      memory_(2 * (n_inputs + n_outputs) * stride_floats(state.block) + 1) // never null
{
    const std::size_t stride = stride_floats(state.block) * sizeof(float);
    auto* const base = reinterpret_cast<std::byte*>(memory_.data());
    halves_ = {.inputs = base,
               .outputs = base + n_inputs * stride,
               .channel_stride = static_cast<std::uint32_t>(stride),
               .half_stride = static_cast<std::uint32_t>((n_inputs + n_outputs) * stride)};
    state.buffers = halves_;
    state.host = &BufferedHost::exchange;
    state.host_context = this;
    state.host_elsewhere = true;
}

bool BufferedHost::exchange(void* self, const Block& block, HostSpan& span) ASIOWIRE_RT
{
    auto& host = *static_cast<BufferedHost*>(self);
    span = {};
    host.calls_++;
    const std::uint64_t given = host.given_.load(relaxed);
    if (host.finished_.load(std::memory_order_acquire) != given) {
        std::atomic<std::uint64_t>& late = host.state_.late;
        late.store(late.load(relaxed) + 1, relaxed);
        return !host.closed_.load(relaxed);
    }
    if (given > 0 && host.last_given_call_ + 1 == host.calls_) host.take_outputs(block.half);
    host.give(block);
    return !host.closed_.load(relaxed);
}

void BufferedHost::take_outputs(std::uint32_t half) ASIOWIRE_RT
{
    for (std::size_t c = 0; c < n_outputs_; c++)
        convert_.to_float(halves_.output(c, half), host_.output(c, host_half_), state_.block);
}

void BufferedHost::give(const Block& block) ASIOWIRE_RT
{
    host_half_ ^= 1;
    for (std::size_t c = 0; c < n_inputs_; c++)
        convert_.from_float(host_.input(c, host_half_),
                            reinterpret_cast<const float*>(halves_.input(c, block.half)), state_.block);
    host_.clear_outputs(n_outputs_, host_half_);
    given_block_ = block;
    given_block_.half = host_half_;
    last_given_call_ = calls_;
    state_.host_since.store(ticks(), relaxed);
    given_.store(given_.load(relaxed) + 1, std::memory_order_release);
    ASIOWIRE_RT_UNKNOWN_BEGIN("a futex wake: the price of the buffered schedule, once per block")
    ready_.release();
    ASIOWIRE_RT_UNKNOWN_END
}

bool BufferedHost::await(Block& next)
{
    if (holding_) {
        state_.host_since.store(0, relaxed);
        finished_.store(finished_.load(relaxed) + 1, std::memory_order_release);
    }
    holding_ = false;
    ready_.acquire();
    if (closed_) return false;
    next = given_block_;
    holding_ = true;
    return true;
}

void BufferedHost::close()
{
    closed_ = true;
    ready_.release();
}

} // namespace asiowire
