// SPDX-License-Identifier: MIT
#pragma once

#include "taps/ring.hpp"
#include "taps/ring_takes.hpp"
#include "taps/take_sink.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace asiowire {

/// What a recorder is doing, and what became of its takes.
struct RecorderStatus {
    enum class State {
        idle,      ///< nothing is recorded; the pre-roll may be kept
        waiting,   ///< a take is wanted and begins with the next block
        recording, ///< a take grows
        failed,    ///< the take could not begin or go on: `message`; nothing is recorded
    };
    State state = State::idle;
    std::string folder;           ///< of the take that grows, or of the latest one
    std::string message;          ///< the latest trouble; "" = none
    TakeCounts counts;            ///< of that take
    std::uint32_t rate = 0;       ///< of that take, Hz
    std::uint32_t channels = 0;   ///< recorded
    std::uint32_t takes = 0;      ///< begun so far
    std::uint64_t damages = 0;    ///< gaps, graph xruns and failures in all takes so far
    double fill = 0;              ///< of the ring, 0…1
    double fill_highest = 0;      ///< since the recorder began
    std::uint64_t free_bytes = 0; ///< on the take's disk; 0 = not known
    std::vector<float> peaks; ///< magnitude of each channel's highest sample since the last look
};

/// "12.3 s, 0 frames lost in 0 gaps, 0 graph xruns, 2 marks". [any-thread]  pure
std::string take_words(const TakeCounts& counts, std::uint32_t rate);

/// Takes what the audio thread puts into a ring and writes it to takes, on a native thread of its
/// own that looks into the ring 20 times a second and is never woken by the audio thread.
///
/// [any-thread but the audio thread]  nothing here waits for the disk, but for the destructor
class Recorder {
public:
    struct Options {
        double preroll = 0;  ///< seconds before start() that a take begins with
        double rotation = 0; ///< seconds per file, after which the next one begins; 0 = never
        bool meters = false; ///< keep peaks
        std::chrono::milliseconds pace{50}; ///< between two looks into the ring
        TakeMaker make = takes_on_disk();
        /// Told what becomes of takes, in sentences. [disk-thread]
        std::function<void(bool bad, const std::string& sentence)> tell = [](bool, const auto&) {};
    };

    /// Ownership  the ring stays the caller's and outlives this
    Recorder(Ring& ring, Options options);

    /// Writes what was pushed until now and finishes the take.
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// A take begins with the oldest block of the pre-roll, else with the next block.
    /// `settings.rate` and `.started` are taken from the audio. A graph that changes its rate makes
    /// a new take.
    void start(TakeSettings settings);

    /// The take ends with what was pushed until now.
    void stop();

    /// The audio is interrupted: the take ends with what was pushed until now, and when a take is
    /// wanted a new one begins with the next block. The pre-roll begins anew.
    void interrupt();

    /// A marker where the audio is now. Nothing when nothing is recorded.
    void mark(std::string text);

    /// A track's source was renamed. `track`: index into the settings' tracks; the next take of a
    /// run begins with the new name.
    void rename(std::size_t track, std::string name);

    /// A sentence for the take's log.
    void remark(std::string text);

    /// Whether everything that was asked for until now has been done.
    bool settled() const;

    RecorderStatus status();

private:
    struct Command {
        enum class Kind { start, stop, interrupt, mark, rename, remark };
        Kind kind = Kind::stop;
        std::uint64_t at =
            0; // what was pushed when it was given; it is obeyed when that is written
        TakeSettings settings;
        std::string text;
        std::size_t track = 0;
    };
    void post(Command command);

    // The disk thread's own.
    void run();
    void round();
    void look();
    bool due(const Command& command);
    void obey(Command& command);
    void keep_preroll(std::uint64_t end);
    void forget_preroll(std::uint64_t until);
    bool begin(const RingBlock& first);
    void gather(const RingBlock& first);
    void record();
    std::span<const TakeBlock> planes();
    void meter(const RingBlock& block);
    void keep_higher(const std::vector<float>& peaks);
    void end(bool trailing);
    void fail(std::string why);
    void publish();

    Ring& ring_;
    const Options options_;
    RingReader reader_;
    RingTakes takes_; // the disk thread's

    mutable std::mutex mutex_; // guards what follows
    std::deque<Command> posted_;
    std::uint64_t n_posted_ = 0;
    RecorderStatus status_;

    std::atomic<std::uint64_t> n_obeyed_{0};
    std::atomic<bool> over_{false};

    std::deque<Command> commands_;
    std::uint64_t until_ = 0; // what the latest look saw ends here, in the ring
    std::unique_ptr<TakeSink> take_;
    TakeSettings settings_;             // of the takes that are wanted
    bool wanted_ = false;               // a take is recorded, or begins with the next block
    RecorderStatus own_;                // what status_ becomes
    std::uint64_t past_damages_ = 0;    // of takes that are over
    std::uint64_t seen_dropped_ = 0;    // told by blocks
    const RingBlock* newest_ = nullptr; // of the pre-roll
    std::uint64_t held_ = 0;            // frames of the pre-roll
    std::vector<const RingBlock*> together_; // what is written in one go
    std::vector<const float*> planes_;       // of these, and the same as blocks of a take
    std::vector<TakeBlock> blocks_;
    std::vector<float> peaks_;
    unsigned looks_ = 0;

    std::thread thread_; // last: it uses all the others
};

} // namespace asiowire
