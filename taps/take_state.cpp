// SPDX-License-Identifier: MIT
#include "taps/take_state.hpp"

#include "taps/file_names.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <limits>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace asiowire {
namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t progress_seconds = 10;
constexpr std::size_t most_markers = 65'536; // in one file; the log has them all

std::string seconds(std::uint64_t frames, std::uint32_t rate)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f s", static_cast<double>(frames) / rate);
    return text.data();
}

} // namespace

Take::Outcome Take::State::write(std::span<const TakeBlock> blocks)
{
    std::uint64_t frames = 0;
    for (const TakeBlock& block : blocks) {
        if (block.channels.size() != settings.tracks.size())
            return std::unexpected("a block of " + std::to_string(block.channels.size()) +
                                   " channels for a take of " +
                                   std::to_string(settings.tracks.size()) + " is left out");
        frames += block.frames;
    }
    if (frames > 0) gap_end_ = 0;
    std::uint64_t done = 0;
    return append(frames, step_, [&](std::uint64_t now) {
        const TakeFault fault = part_.append(blocks, done, now);
        done += now;
        return fault;
    });
}

Take::Outcome Take::State::silence(std::uint64_t frames)
{
    if (outcome_) return too_late_;
    if (frames == 0) return {};
    const std::uint64_t at = counts.frames;
    counts.gap_frames += frames;
    log.append(TakeLogLine("gap").number("frame", at).number("frames", frames));
    if (gap_end_ == at && at > 0 && !markers_.empty()) {
        const auto gap = std::ranges::find_if(
            markers_.rbegin(), markers_.rend(),
            [&](const TakeMarker& marker) { return marker.frame + marker.frames == at; });
        if (gap != markers_.rend()) gap->frames += frames;
    } else {
        counts.gaps++;
        if (markers_.size() < most_markers) markers_.push_back({at, frames, "overrun"});
    }
    const Outcome outcome =
        append(frames, unlimited, [&](std::uint64_t now) { return part_.append_silence(now); });
    gap_end_ = counts.frames;
    return outcome;
}

bool Take::State::mark(const TakeLogLine& line, TakeMarker marker)
{
    if (outcome_) return false;
    log.append(line);
    if (markers_.size() < most_markers) markers_.push_back(std::move(marker));
    return true;
}

/// Appends in steps: `one` never goes over the end of a file, and no further than `most` beyond what
/// the headers tell.
template <class Append>
Take::Outcome Take::State::append(std::uint64_t frames, std::uint64_t most, Append&& one)
{
    if (outcome_) return too_late_;
    while (frames > 0) {
        if (settings.rotation > 0 && part_.frames() == settings.rotation)
            if (const TakeFault fault = next_part()) return give_up(fault);
        const std::uint64_t file =
            settings.rotation > 0 ? settings.rotation - part_.frames() : unlimited;
        const std::uint64_t now = std::min({frames, file, most - std::min(most, held_)});
        if (const TakeFault fault = one(now)) return give_up(fault);
        counts.frames += now;
        held_ += now;
        frames -= now;
        if (held_ < step_) continue;
        if (const Outcome fresh = refresh(); !fresh) return fresh;
    }
    return {};
}

Take::Outcome Take::State::refresh()
{
    if (outcome_) return too_late_;
    if (const TakeFault fault = part_.refresh()) return give_up(fault);
    held_ = 0;
    if (is_folder_gone()) return give_up("its folder was removed");
    if (counts.frames >= told_ + progress_seconds * settings.rate) log_progress();
    return {};
}

TakeFault Take::State::next_part()
{
    // Whoever hears a gap over the seam finds it marked in both files.
    const std::uint64_t seam = counts.frames;
    if (const TakeFault fault = part_.refresh()) return fault;
    const std::vector<std::string> lost = part_.lost();
    for (const std::string& name : lost)
        log.append(TakeLogLine("error").number("frame", seam).text("text", name + " was removed"));
    std::vector<TakeMarker> here;
    std::ranges::copy_if(markers_, std::back_inserter(here),
                         [&](const TakeMarker& marker) { return marker.frame < seam; });
    if (const TakeFault fault = part_.finalise(part_.frames(), here, false)) return fault;
    log.append(TakeLogLine("part_end").number("part", counts.parts).number("frame", seam));
    std::erase_if(markers_, [&](const TakeMarker& marker) {
        return marker.frame < seam && marker.frame + marker.frames <= seam;
    });
    held_ = 0;
    if (TakeFault fault = part_.open(folder.get(), counts.parts + 1, seam)) return fault;
    counts.parts++;
    log.append(TakeLogLine("part")
                   .number("part", counts.parts)
                   .number("frame", seam)
                   .texts("files", part_.names()));
    return {};
}

Take::Outcome Take::State::give_up(const TakeFault& fault)
{
    return give_up(file_reason(fault.error) + " (" + fault.file + ")");
}

/// What every file has is kept, and no file keeps more.
Take::Outcome Take::State::give_up(const std::string& why)
{
    if (part_.is_open()) {
        const std::uint64_t frames = std::min(part_.complete_frames(), part_.frames());
        counts.frames = part_.first() + frames;
        static_cast<void>(part_.finalise(frames, markers_, true));
    }
    const std::string text = "the take " + path.string() + " ended at " +
                             seconds(counts.frames, settings.rate) + ": " + why;
    return close(text);
}

Take::Outcome Take::State::finish()
{
    if (outcome_) return *outcome_;
    if (const Outcome fresh = refresh(); !fresh) return fresh;
    std::string complaint;
    for (const std::string& name : part_.lost())
        complaint += (complaint.empty() ? "" : ", ") + name + " was removed";
    if (const TakeFault fault = part_.finalise(part_.frames(), markers_, true))
        complaint += (complaint.empty() ? "" : ", ") + file_reason(fault.error) + " (" +
                     fault.file + ")";
    if (!complaint.empty()) complaint = "the take " + path.string() + " is damaged: " + complaint;
    return close(complaint);
}

Take::Outcome Take::State::close(std::string complaint)
{
    if (!complaint.empty())
        log.append(TakeLogLine("error").number("frame", counts.frames).text("text", complaint));
    log_progress();
    log.append(TakeLogLine("part_end").number("part", counts.parts).number("frame", counts.frames));
    log.append(TakeLogLine("end")
                   .number("frames", counts.frames)
                   .number("gaps", counts.gaps)
                   .number("gap_frames", counts.gap_frames)
                   .number("xruns", counts.xruns)
                   .number("marks", counts.marks)
                   .number("parts", counts.parts));
    const bool log_gone = log.is_unlinked();
    if (const int failed = log.close(); complaint.empty() && failed != 0)
        complaint = "the take's log " + path.string() + " is not complete: " + file_reason(failed);
    if (complaint.empty() && log_gone)
        complaint = "the take's log in " + path.string() + " was removed";
    static_cast<void>(fsync(folder.get()) == 0); // the files' names
    outcome_ = complaint.empty() ? Outcome() : std::unexpected(complaint);
    too_late_ = std::unexpected(complaint.empty() ? "the take " + path.string() + " is finished"
                                                  : complaint);
    return *outcome_;
}

/// Files that are removed take writes as before: nothing but their count of names tells.
bool Take::State::is_folder_gone() const
{
    struct stat facts {};
    if (fstat(folder.get(), &facts) == 0 && facts.st_nlink == 0) return true;
    return log.is_unlinked() && part_.lost().size() == part_.names().size();
}

std::uint64_t Take::State::free_bytes() const
{
    struct statvfs facts {};
    return fstatvfs(folder.get(), &facts) == 0 ? facts.f_bavail * facts.f_frsize : 0;
}

void Take::State::log_progress()
{
    told_ = counts.frames;
    log.append(TakeLogLine("progress")
                   .number("frame", counts.frames)
                   .number("bytes", counts.bytes)
                   .number("writes", counts.writes)
                   .milliseconds("write_ms", counts.write_time.count())
                   .milliseconds("longest_write_ms", counts.longest_write.count())
                   .number("free_bytes", free_bytes()));
}

} // namespace asiowire
