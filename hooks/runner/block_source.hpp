// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace asiowire::hooks {

/// A piece of a stream as a source gives it; valid until the source is asked again.
struct SourceBlock {
    std::uint32_t frames = 0;
    std::uint32_t rate = 0;         // Hz
    std::uint64_t position = 0;     // frames since the stream began
    std::uint64_t lost = 0;         // frames before this block that were overwritten unread
    const float* const* audio = nullptr; // [channel][frame]
};

/// Where a hook's process gets its audio from.
/// [hook-thread]
class BlockSource {
public:
    static constexpr std::uint32_t max_frames = 8192; // the longest cycle of the graph

    enum class Found { block, nothing, ended };

    virtual ~BlockSource() = default;
    /// The channels' names; how many there are stays as it is.
    virtual const std::vector<std::string>& names() const = 0;
    /// The next block; never waits. Errors: ended = nothing will come any more
    virtual Found next(SourceBlock& block) = 0;
};

} // namespace asiowire::hooks
