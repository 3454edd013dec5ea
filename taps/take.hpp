// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace asiowire {

/// One recorded channel.
struct TakeTrack {
    std::string name;   ///< as people wrote it, UTF-8; "" = "track N"
    std::string source; ///< where it comes from, such as "input 3"; for the log
    std::string colour; ///< in the source's own words, such as "RD"; for the log
};

/// What a take is to be.
struct TakeSettings {
    std::filesystem::path folder;  ///< takes are made in here; it must exist
    std::string name;              ///< becomes the take's own folder, made safe and unique
    std::uint32_t rate = 48000;    ///< Hz, 1…1000000
    std::vector<TakeTrack> tracks; ///< 1…256; as many channels
    bool polyphonic = false;       ///< one file with all channels, instead of one file for each
    std::uint64_t rotation = 0;    ///< frames per file, after which the next one begins; 0 = never
    std::string originator = "AsioWire"; ///< the program that records
    bool hooks = false; ///< the runner of hooks is to write results into the take's folder
    /// When the first frame was heard; pre-roll makes it lie in the past.
    std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
    /// The most that a RIFF file's size field is trusted with before the file becomes an RF64.
    std::uint64_t riff_limit = 0xffff'fffe;
};

/// What a take has got so far.
struct TakeCounts {
    std::uint64_t frames = 0;     ///< per channel, silence for lost ones included
    std::uint64_t gaps = 0;       ///< runs of frames that were lost
    std::uint64_t gap_frames = 0; ///< the frames in them, all written as silence
    std::uint64_t xruns = 0;      ///< of the graph
    std::uint64_t marks = 0;
    std::uint64_t parts = 0; ///< rotations + 1
    std::uint64_t bytes = 0; ///< given to the file system, headers and rewritten pages included
    std::uint64_t writes = 0;
    std::chrono::nanoseconds longest_write{0};
    std::chrono::nanoseconds write_time{0}; ///< spent waiting for the file system, all together
};

/// Samples that came together. Shapes: channels: [track][frame] planar float32.
struct TakeBlock {
    std::span<const float* const> channels;
    std::size_t frames = 0;
};

/// A take on disk: a folder with WAV files of 24 bit and a log (docs/takes.md).
///
/// Whatever happens, what lies in the folder can be played: headers follow the audio every half
/// second, and a take that cannot go on (disk full, folder gone) is finished at once, all channels
/// equally long. From then on every write fails with the same sentence.
///
/// [disk-thread]  all of it, or any one thread at a time; calls may wait for the disk
/// Units    frames of the take: 0 is the first one written
class Take {
public:
    /// Nothing, or a sentence for people that says what went wrong and what became of the take.
    using Outcome = std::expected<void, std::string>;

    /// Makes the take's folder and its files, which are valid and empty then.
    ///
    /// A folder of that name is left alone: the take becomes "NAME-2" and so on.
    /// Errors   a sentence; nothing of the take is left behind
    static std::expected<Take, std::string> begin(TakeSettings settings);

    /// Finishes the take if nobody did.
    ~Take();
    Take(Take&&) noexcept;
    Take& operator=(Take&&) noexcept;

    /// Appends blocks, packed to 24 bit by the rule of taps/pack24.hpp. Small ones cost less
    /// together: each file is visited once.
    /// Shapes   any number of blocks of any number of frames
    Outcome write(std::span<const TakeBlock> blocks);
    Outcome write(std::span<const float* const> channels, std::size_t frames);

    /// Appends silence for frames that were lost: logged, marked and counted as a gap. Gaps that
    /// follow each other without audio in between are one.
    Outcome silence(std::uint64_t frames);

    /// A marker of a person's. Later than the end so far is allowed; it waits for its frame.
    void mark(std::uint64_t frame, std::string_view text);

    /// The graph lost time here: a marker of its own kind. The audio is what the graph delivered.
    void graph_xrun(std::uint64_t frame);

    /// A source was renamed while it was recorded: a marker. Files keep their names.
    /// Shapes   track: index into TakeSettings::tracks
    void track_renamed(std::uint64_t frame, std::size_t track, std::string_view name);

    /// A sentence for the log alone.
    void remark(std::string_view text);

    /// Brings files and headers up to what was written. write() and silence() do it by themselves
    /// after each half second of audio; needed where the audio pauses.
    Outcome refresh();

    /// Ends the take: markers into the files, the log closed, everything on the disk. Repeating it
    /// gives the same answer.
    Outcome finish();

    const std::filesystem::path& folder() const; ///< the take's own
    const std::string& uid() const;              ///< the same in all files and the log
    const TakeCounts& counts() const;
    /// Bytes that others may still write there; 0 when it cannot be told.
    std::uint64_t free_bytes() const;

private:
    class State;
    explicit Take(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace asiowire
