// SPDX-License-Identifier: MIT
#pragma once

#include "taps/riff_bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace asiowire {

/// Everything of a WAV file that lies before its samples: 24 bit, RIFF or, when it is too large for
/// that, RF64 with the same length and layout.
///
/// The samples begin at a multiple of a page, so that pages of the buffer are pages of the file.
/// [disk-thread]
class WavHeader {
public:
    static constexpr std::size_t page = 4096;

    /// `chunks`: whole chunks to stand between the format and the samples. `riff_limit`: the most
    /// that the 32-bit size field is trusted with.
    ///
    /// WAVE_FORMAT_EXTENSIBLE from three channels on: for one and two, 24-bit PCM is what every
    /// reader knows.
    WavHeader(std::uint32_t rate, std::uint16_t channels, const RiffBytes& chunks,
              std::uint64_t riff_limit);

    /// Writes the sizes into the header, as of now.
    /// Units    bytes; `trailer`: what follows the samples, the padding of an odd length included
    void set_sizes(std::uint64_t data, std::uint64_t trailer);

    std::uint32_t frame_bytes() const { return frame_bytes_; }
    std::span<const std::uint8_t> bytes() const { return bytes_; }
    std::size_t size() const { return bytes_.size(); } ///< where the samples begin

private:
    template <class Number> void put(std::size_t at, Number value);
    void put_text(std::size_t at, const char* four);

    std::uint32_t frame_bytes_;
    std::uint64_t riff_limit_;
    std::vector<std::uint8_t> bytes_;
};

} // namespace asiowire
