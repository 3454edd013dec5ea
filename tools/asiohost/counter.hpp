// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "core/rt.hpp"

// The signal a loopback run plays and looks for: every sample is a number that names its own frame
// and channel, exact in the sample type it travels in. Pure arithmetic, no Windows.

namespace asiohost {

/// How one sample lies in memory, little-endian.
enum class Format : std::uint8_t { int16, int24, int32, float32, float64 };

/// Bytes of one sample.
constexpr int bytes_of(Format format)
{
    constexpr int kBytes[] = {2, 3, 4, 4, 8};
    return kBytes[static_cast<int>(format)];
}

/// How a frame number and a channel share one signed 24-bit code.
///
/// From the top: tag (channel), count (frame), a 1, zeros; minus 2^23. The 1 keeps a code from
/// ever being 0, which is silence, and shows a lost lowest bit. As a sample the code is code /
/// 2^23.
struct Layout {
    int tag_bits;
    int count_bits;
    int low_zeros;
};

/// 64 channels, 131072 frames before it repeats; survives 24 bits and float.
inline constexpr Layout kWide{6, 17, 0};
/// 8 channels, 4096 frames; survives 16 bits.
inline constexpr Layout kNarrow{3, 12, 8};

/// The layout that survives both ways.
constexpr Layout layout_for(Format out, Format in)
{
    return out == Format::int16 || in == Format::int16 ? kNarrow : kWide;
}

/// Writes the codes of `frames` frames from `first_frame` on.
///
/// [audio-thread & running]  wait-free, vectorisable
/// Shapes   out: frames samples of `format`
void fill_codes(Layout layout, Format format, int channel, std::int64_t first_frame, int frames,
                void* out) ASIOWIRE_RT;

/// The frame count in a sample (modulo 2^count_bits), or nothing when it is no code of `channel`.
///
/// [any thread]
std::optional<std::uint32_t> read_code(Layout layout, Format format, int channel, const void* in,
                                       int index) ASIOWIRE_RT;

/// What one channel of the loop did to the codes; all figures in frames of this channel.
struct ChannelTally {
    std::int64_t lost = 0;       // skipped
    std::int64_t duplicated = 0; // came again
    std::int64_t corrupt = 0;    // no code of this channel, silence after the beginning included
    std::int64_t rtt = -1;       // arrival index - sent index at the beginning; -1: nothing heard
    std::int64_t rtt_changes = 0;
    std::int64_t first_wrong = -1; // arrival index of the first thing wrong; -1: nothing was
    std::int64_t last_wrong = -1;
};

/// Reads what comes back on one channel and tallies what is wrong with it.
///
/// Silence before the first code is the pipe filling. A run of wrong samples is judged when codes
/// go on: if they go on in step with time, the run replaced frames; if they go on where they
/// stopped, it was put in between; only what neither explains is lost or duplicated as well.
class ChannelCheck {
public:
    ChannelCheck(Layout layout, Format format, int channel) noexcept;

    /// Takes the next frames; `first_index` is the arrival index of the first of them.
    ///
    /// [audio-thread & running]  wait-free; vectorised as long as all is well
    /// Shapes   in: frames samples of the format
    void feed(std::int64_t first_index, int frames, const void* in) ASIOWIRE_RT;

    /// Forgets what was wrong so far; the round trip is the present one from here on.
    ///
    /// [audio-thread & running]  wait-free
    void forgive() ASIOWIRE_RT;

    const ChannelTally& tally() const noexcept { return tally_; }
    bool heard() const noexcept { return began_; }

private:
    void feed_one(std::int64_t index, const void* in, int offset) ASIOWIRE_RT;
    void begin(std::int64_t index, std::uint32_t count) ASIOWIRE_RT;
    void corrupt(std::int64_t index) ASIOWIRE_RT;
    void note_wrong(std::int64_t index) ASIOWIRE_RT;
    void resume(std::int64_t index, std::uint32_t count) ASIOWIRE_RT;
    std::int64_t ahead(std::uint32_t count, std::uint32_t of) const ASIOWIRE_RT;

    Layout layout_;
    Format format_;
    int channel_;
    bool began_ = false;
    std::uint32_t expected_ = 0; // count after the last good one, whatever came since
    std::int64_t wrong_ = 0;     // wrong samples since the last good one
    std::uint32_t phase_ = 0;    // (arrival - count) modulo the repeat
    ChannelTally tally_;
};

} // namespace asiohost
