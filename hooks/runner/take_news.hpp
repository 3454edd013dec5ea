// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace asiowire::hooks {

/// A take in which results are wanted, as far as it is known.
struct FedTake {
    static constexpr std::uint64_t open = ~std::uint64_t{0};

    std::string folder;          // absolute; "" = it is too long to be told
    std::uint64_t rate = 0;      // Hz
    std::uint64_t end = open;    // position of the stream behind its last frame
    std::map<std::uint64_t, std::uint64_t> places; // position of the stream → frame of the take

    /// The take's frame at a position that lies within it; none: it lies before.
    std::optional<std::uint64_t> frame_at(std::uint64_t position) const
    {
        const auto behind = places.upper_bound(position);
        if (behind == places.begin()) return std::nullopt;
        const auto& [begin, frame] = *std::prev(behind);
        return frame + (position - begin);
    }
};

/// What is known of the takes that somebody else makes of a stream. It outlives the stream.
/// [supervisor-thread]
struct TakeNews {
    std::vector<std::string> channels;      // of the stream, by name; the take's tracks in order
    std::map<std::uint64_t, FedTake> takes; // the latest ones, by number
    std::uint64_t decided = 0; // of positions before this it is clear where in an open take they are
    std::uint64_t preroll_s = 0; // a take may begin so long before it is heard of
};

} // namespace asiowire::hooks
