// SPDX-License-Identifier: MIT
// Runs on the audio thread.

#include "core/reblock.hpp"
#include "pipewire/buffered_host.hpp"

#include <algorithm>
#include <cstring>

namespace asiowire {

namespace {
constexpr auto relaxed = std::memory_order_relaxed;
} // namespace

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

} // namespace asiowire
