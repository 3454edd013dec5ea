// SPDX-License-Identifier: MIT
#pragma once

#include "taps/ring.hpp"

#include <filesystem>
#include <optional>

namespace asiowire {

/// Tells those who look into a ring which of its blocks are in which take, so that they can lay beside
/// the audio what they made of it. The audio thread has no part in this.
/// [disk-thread]
class RingTakes {
public:
    /// `preroll`: seconds. Ownership  the ring stays the caller's and outlives this
    RingTakes(Ring& ring, double preroll);

    /// A take begins with the block at `position`.
    /// `hooks`: results of hooks are wanted in its folder
    /// Errors   false: the folder's path is too long to be told, so that nothing can be laid there
    bool begin(const std::filesystem::path& folder, std::uint32_t rate, std::uint64_t position,
               bool hooks);

    /// A block is in the take: its first frame is the take's frame `frame`.
    void add(const RingBlock& block, std::uint64_t frame);

    /// The take that was begun has `frames` frames, and that is all. Nothing when none was begun.
    void end(std::uint64_t frames);

private:
    void tell();

    RingHeader& header_;
    RingTake take_;
    RingPlace latest_; // place
};

/// What a ring says of one of its takes; none: it is not one of the two latest.
/// [any-thread]
std::optional<RingTake> ring_take(const RingHeader& header, std::uint64_t number);

} // namespace asiowire
