// SPDX-License-Identifier: MIT
#pragma once

#include "taps/pack24.hpp"
#include "taps/take_metadata.hpp"
#include "taps/wav_file.hpp"
#include "taps/wav_markers.hpp"

#include <span>
#include <string>
#include <vector>

namespace asiowire {

/// What went wrong, with which file.
struct TakeFault {
    int error = 0; ///< an errno; 0 = nothing
    std::string file;
    explicit operator bool() const { return error != 0; }
};

/// The files that are written at one time: one for each track, or one with all. A take that does not
/// rotate is one part.
/// [disk-thread]
class TakePart {
public:
    /// What all parts of a take share. It must stay where it is.
    struct Plan {
        const TakeSettings& settings;
        const TakeTime& time;
        const std::string& uid;
        TakeCounts& counts;
    };

    explicit TakePart(const Plan& plan);

    /// Makes the files of the part `number` (1…), which begins at `first` of the take; they are
    /// valid and empty. When one fails, none is left behind.
    TakeFault open(int folder, std::uint64_t number, std::uint64_t first);

    bool is_open() const { return !files_.empty(); }
    std::vector<std::string> names() const;
    std::uint64_t first() const { return first_; }
    std::uint64_t frames() const { return frames_; } ///< appended so far

    /// `frames` of the blocks, from frame `offset` of all of them on.
    TakeFault append(std::span<const TakeBlock> blocks, std::uint64_t offset,
                     std::uint64_t frames);
    TakeFault append_silence(std::uint64_t frames);

    /// First all samples, then all headers: no header is ahead of any file's samples, and a kill
    /// between two of them leaves at most one step of difference.
    TakeFault refresh();

    /// The frames that every file has, after a write that failed.
    std::uint64_t complete_frames() const;

    /// Ends the files with exactly `frames` each. `wait`: until the disk has them.
    TakeFault finalise(std::uint64_t frames, const std::vector<TakeMarker>& markers, bool wait);

    /// Files that somebody has removed meanwhile.
    std::vector<std::string> lost() const;

private:
    std::string file_name(std::size_t file, std::uint64_t number) const;
    WavHeader header(std::size_t file, std::uint64_t number, std::uint64_t first) const;
    TakeFault append_to(std::size_t file, std::span<const TakeBlock> blocks, std::uint64_t offset,
                        std::uint64_t frames);
    TakeFault append_to(std::size_t file, const TakeBlock& block, std::size_t offset,
                        std::size_t frames);

    Plan plan_;
    std::size_t channels_; // of each file
    Packer24 packer_ = Packer24::float32();
    std::vector<WavFile> files_;
    std::vector<WavFile::Buffer> buffers_; // of the files to come
    std::uint64_t first_ = 0;
    std::uint64_t frames_ = 0;
};

} // namespace asiowire
