// SPDX-License-Identifier: MIT
#pragma once

#include "core/rt.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace asiowire {

/// Counts of a positive quantity in buckets 1/32 of a power of two wide, so that a percentile read
/// from it is at most 3 % high.
///
/// One writer (add), any readers (percentile); a reader may miss the newest values, never tears.
class Histogram {
public:
    /// [audio-thread]  wait-free
    void add(std::uint64_t value) ASIOWIRE_RT
    {
        std::atomic<std::uint32_t>& bucket = buckets_[index(value)];
        bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    /// The smallest bucket's upper end below which `share` (0…1) of all values lie; 0 when empty.
    /// [any-thread but the audio thread]
    std::uint64_t percentile(double share) const
    {
        std::uint64_t total = 0;
        for (const auto& bucket : buckets_) total += bucket.load(std::memory_order_relaxed);
        if (total == 0) return 0;
        const double wanted = share * static_cast<double>(total);
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); i++) {
            seen += buckets_[i].load(std::memory_order_relaxed);
            if (seen > 0 && static_cast<double>(seen) >= wanted) return upper_end(i);
        }
        return upper_end(buckets_.size() - 1);
    }

    /// [any-thread while nobody writes]
    void clear()
    {
        for (auto& bucket : buckets_) bucket.store(0, std::memory_order_relaxed);
    }

private:
    static constexpr unsigned fine_bits = 5;
    static constexpr std::size_t fine = 1u << fine_bits;
    static constexpr unsigned octaves = 40 - fine_bits; // values above 2^40 share the last bucket

    static constexpr std::size_t index(std::uint64_t value) ASIOWIRE_RT
    {
        if (value < fine) return static_cast<std::size_t>(value);
        const unsigned octave = static_cast<unsigned>(std::bit_width(value)) - fine_bits;
        if (octave > octaves) return fine * (octaves + 1) - 1;
        return fine * octave + static_cast<std::size_t>((value >> (octave - 1)) & (fine - 1));
    }

    static constexpr std::uint64_t upper_end(std::size_t bucket)
    {
        const std::size_t octave = bucket / fine;
        if (octave == 0) return bucket;
        return ((fine + bucket % fine + 1) << (octave - 1)) - 1;
    }

    std::array<std::atomic<std::uint32_t>, fine * (octaves + 1)> buckets_{};
};

} // namespace asiowire
