// SPDX-License-Identifier: MIT
#pragma once

#include "taps/take.hpp"
#include "taps/take_log.hpp"
#include "taps/take_part.hpp"

#include <optional>
#include <string>
#include <vector>

namespace asiowire {

/// A person's sentence for an errno of the file system.
std::string file_reason(int error);

/// What a take is while it grows; its address is what its parts refer to.
/// [disk-thread]
class Take::State {
public:
    explicit State(TakeSettings settings);
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    Outcome begin();
    Outcome write(std::span<const TakeBlock> blocks);
    Outcome silence(std::uint64_t frames);
    bool mark(const TakeLogLine& line, TakeMarker marker); ///< false: the take is over
    Outcome refresh();
    Outcome finish();
    std::uint64_t free_bytes() const;

    TakeSettings settings;
    TakeCounts counts;
    TakeLog log;
    std::string uid;
    std::filesystem::path path; // of the take's own folder
    Descriptor folder;          // the same

private:
    Outcome make_folder();
    void log_beginning();

    template <class Append>
    Outcome append(std::uint64_t frames, std::uint64_t most, Append&& one);
    TakeFault next_part();
    void log_progress();
    bool is_folder_gone() const;
    Outcome give_up(const std::string& why);
    Outcome give_up(const TakeFault& fault);
    Outcome close(std::string complaint);

    TakeTime time_;
    TakePart part_;
    std::uint64_t step_;        // frames between two refreshes
    std::uint64_t held_ = 0;    // frames that no header tells of
    std::uint64_t told_ = 0;    // frames when the log's last progress was written
    std::uint64_t gap_end_ = 0; // 0: the last frames are no gap
    std::vector<TakeMarker> markers_; // of the part that is open, and of later ones
    std::optional<Outcome> outcome_;  // of a take that is over
    Outcome too_late_;                // what writes to it get
};

} // namespace asiowire
