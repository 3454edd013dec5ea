// SPDX-License-Identifier: MIT
#include "tools/asiowire/take_verdict.hpp"

#include <algorithm>
#include <set>

namespace asiowire {
namespace {

namespace fs = std::filesystem;

class Examination {
public:
    Examination(fs::path folder, const TakeStory& story) : folder_(std::move(folder)), story_(story)
    {
        verdict_.lengths.resize(story.tracks.size());
    }

    TakeVerdict run() &&
    {
        using Ending = TakeVerdict::Ending;
        verdict_.ending = story_.recording                        ? Ending::recording
                          : !story_.end                           ? Ending::killed
                          : story_.end && !story_.errors.empty()  ? Ending::failed
                                                                  : Ending::finished;
        for (std::size_t i = 0; i < story_.parts.size(); i++) examine(i);
        judge_lengths();
        judge_log();
        judge_strangers();
        return std::move(verdict_);
    }

private:
    void problem(const std::string& text) { verdict_.problems.push_back(text); }
    bool is_open(std::size_t part) const
    {
        return part + 1 == story_.parts.size() && !story_.parts[part].end;
    }

    void examine(std::size_t number)
    {
        const TakeStory::Part& part = story_.parts[number];
        const std::size_t tracks = story_.polyphonic ? story_.tracks.size() : 1;
        if (number > 0 && story_.parts[number - 1].end != part.frame)
            problem("part " + std::to_string(number + 1) + " does not begin where the one before ends");
        if (part.files.size() * tracks != story_.tracks.size())
            return problem("part " + std::to_string(number + 1) + " has " +
                           std::to_string(part.files.size()) + " files");
        for (std::size_t i = 0; i < part.files.size(); i++) {
            TakeVerdict::File file{part.files[i], i * tracks, part.frame, 0, 0, false, false};
            examine(file, is_open(number) ? std::nullopt : part.end);
            for (std::size_t t = 0; t < tracks; t++)
                verdict_.lengths[i * tracks + t] += file.frames;
            verdict_.files.push_back(std::move(file));
        }
    }

    void examine(TakeVerdict::File& file, std::optional<std::uint64_t> end)
    {
        const auto read = WavProbe::read(folder_ / file.name);
        if (!read) return problem(read.error());
        const WavProbe& probe = *read;
        file.readable = true;
        file.rf64 = probe.rf64;
        file.frames_there = probe.frames_there();
        file.frames = std::min(probe.frames(), file.frames_there);
        const auto differs = [&](const std::string& what) { problem(file.name + ": " + what); };
        if (probe.frames() > file.frames_there)
            differs("its header tells of " + std::to_string(probe.frames()) + " frames, " +
                    std::to_string(file.frames_there) + " are there");
        if (end && file.frames != *end - file.frame)
            differs(std::to_string(file.frames) + " frames, but by the log " +
                    std::to_string(*end - file.frame));
        const std::size_t channels = story_.polyphonic ? story_.tracks.size() : 1;
        if (probe.channels != channels || probe.bits != 24 || probe.rate != story_.rate)
            differs("its format is not the take's");
        else
            judge_gaps(file, probe);
        if (probe.uid != story_.uid) differs("it belongs to another take");
    }

    void judge_gaps(const TakeVerdict::File& file, const WavProbe& probe)
    {
        for (const TakeStory::Span& gap : story_.gaps) {
            const std::uint64_t begin = std::max(gap.frame, file.frame);
            const std::uint64_t end = std::min(gap.frame + gap.frames, file.frame + file.frames);
            if (begin >= end) continue;
            const auto silent =
                is_silent(folder_ / file.name, probe, begin - file.frame, end - begin);
            if (!silent)
                problem(silent.error());
            else if (!*silent)
                problem(file.name + ": the gap at frame " + std::to_string(gap.frame) +
                        " is not silent");
        }
    }

    void judge_lengths()
    {
        const auto [least, most] = std::ranges::minmax(verdict_.lengths);
        verdict_.frames = least;
        // Headers of a take that is being recorded follow one after the other.
        verdict_.equally_long = least == most || verdict_.ending == TakeVerdict::Ending::recording;
        if (!verdict_.equally_long)
            problem("the tracks are not equally long: " + std::to_string(least) + " to " +
                    std::to_string(most) + " frames");
        if (verdict_.ending == TakeVerdict::Ending::killed)
            verdict_.missing_at_most = story_.refresh + 1; // headers tell of an even number
    }

    void judge_log()
    {
        if (story_.unreadable > 0 && story_.end)
            problem(std::to_string(story_.unreadable) + " lines of the log cannot be read");
        if (!story_.end) return;
        const TakeStory::End& end = *story_.end;
        std::uint64_t gap_frames = 0;
        for (const TakeStory::Span& gap : story_.gaps) gap_frames += gap.frames;
        if (end.gaps != story_.gaps.size() || end.gap_frames != gap_frames)
            problem("the log's end tells of other gaps than its lines");
        if (end.xruns != story_.xruns.size())
            problem("the log's end tells of other xruns than its lines");
        if (end.frames != verdict_.frames && verdict_.equally_long)
            problem("the tracks have " + std::to_string(verdict_.frames) +
                    " frames, but by the log " + std::to_string(end.frames));
    }

    void judge_strangers()
    {
        std::set<std::string> known;
        for (const TakeVerdict::File& file : verdict_.files) known.insert(file.name);
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
            const std::string name = entry.path().filename().string();
            if (entry.path().extension() != ".wav" || known.contains(name)) continue;
            // A kill may fall between the making of the next files and the line about them.
            const auto probe = WavProbe::read(entry.path());
            if (probe && probe->uid == story_.uid && probe->frames_there() == 0) continue;
            problem(name + ": the log does not know it");
        }
    }

    fs::path folder_;
    const TakeStory& story_;
    TakeVerdict verdict_;
};

} // namespace

bool TakeVerdict::is_whole(const TakeStory& story) const
{
    return problems.empty() && story.gaps.empty() && story.xruns.empty() &&
           (ending == Ending::finished || ending == Ending::recording);
}

TakeVerdict TakeVerdict::of(const fs::path& folder, const TakeStory& story)
{
    return Examination(folder, story).run();
}

const char* word(TakeVerdict::Ending ending)
{
    switch (ending) {
    case TakeVerdict::Ending::finished: return "finished";
    case TakeVerdict::Ending::failed: return "failed";
    case TakeVerdict::Ending::killed: return "killed";
    case TakeVerdict::Ending::recording: return "recording";
    }
    return "";
}

} // namespace asiowire
