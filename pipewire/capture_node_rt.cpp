// SPDX-License-Identifier: MIT
// Runs on the audio thread.

#include "pipewire/capture_node.hpp"
#include "pipewire/node.hpp"

namespace asiowire {

void CaptureNode::on_process(void* self, spa_io_position* position) ASIOWIRE_RT
{
    constexpr auto relaxed = std::memory_order_relaxed;
    CaptureNode& node = *static_cast<CaptureNode*>(self);
    const spa_io_clock& clock = position->clock;
    const bool comparable = node.quantum_ == clock.duration && node.clock_id_ == clock.id;
    const std::uint64_t missed = comparable && clock.position > node.next_position_
                                     ? clock.position - node.next_position_
                                     : 0;
    node.quantum_ = clock.duration;
    node.clock_id_ = clock.id;
    node.next_position_ = clock.position + clock.duration;
    const RingStamp stamp = {.clock_ns = clock.nsec,
                             .missed = missed,
                             .frames = static_cast<std::uint32_t>(clock.duration),
                             .rate = clock.rate.denom,
                             .flags = missed > 0 ? std::uint32_t{ring_gap} : 0u};
    for (std::size_t c = 0; c < node.planes_.size(); c++)
        node.planes_[c] = Node::port_buffer(node.ports_[c], stamp.frames);
    if (stamp.frames > 0) node.ring_.push(stamp, node.planes_.data());
    node.rate_.store(stamp.rate, relaxed);
    node.cycles_.store(node.cycles_.load(relaxed) + 1, relaxed);
}

} // namespace asiowire
