// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

namespace asiowire {

/// What a WAV file's header says, and what is there.
struct WavProbe {
    bool rf64 = false;
    std::uint32_t channels = 0, rate = 0, bits = 0;
    std::uint64_t samples_at = 0; ///< where the samples begin
    std::uint64_t data = 0;       ///< bytes of samples by the header
    std::uint64_t size = 0;       ///< of the file
    std::string uid;              ///< bext's originator reference

    std::uint64_t frame_bytes() const { return std::uint64_t{channels} * bits / 8; }
    std::uint64_t frames() const { return data / frame_bytes(); }
    /// Whole frames behind the header, whatever it says of them.
    std::uint64_t frames_there() const { return (size - samples_at) / frame_bytes(); }

    /// Errors   a sentence
    static std::expected<WavProbe, std::string> read(const std::filesystem::path& path);
};

/// Whether `frames` from `first` on are all zeros.
/// Errors   a sentence
std::expected<bool, std::string> is_silent(const std::filesystem::path& path,
                                           const WavProbe& probe, std::uint64_t first,
                                           std::uint64_t frames);

} // namespace asiowire
