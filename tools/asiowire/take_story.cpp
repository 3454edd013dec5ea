// SPDX-License-Identifier: MIT
#include "tools/asiowire/take_story.hpp"

#include "taps/descriptor.hpp"
#include "taps/take_log.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/file.h>

namespace asiowire {
namespace {

using nlohmann::json;

std::string text(const json& line, const char* name)
{
    return line.at(name).get<std::string>();
}

std::uint64_t number(const json& line, const char* name)
{
    return line.at(name).get<std::uint64_t>();
}

void begin(TakeStory& story, const json& line)
{
    story.name = text(line, "take");
    story.uid = text(line, "uid");
    story.originator = text(line, "originator");
    story.started = text(line, "started");
    story.rate = number(line, "rate");
    story.rotation = number(line, "rotation");
    story.refresh = number(line, "refresh");
    story.polyphonic = text(line, "files") == "polyphonic";
    for (const json& track : line.at("tracks"))
        story.tracks.push_back({text(track, "name"), text(track, "source"), text(track, "colour")});
}

void gap(TakeStory& story, const TakeStory::Span& span)
{
    if (!story.gaps.empty() && story.gaps.back().frame + story.gaps.back().frames == span.frame)
        story.gaps.back().frames += span.frames;
    else
        story.gaps.push_back(span);
}

TakeStory::Disk disk(const json& line)
{
    return {number(line, "bytes"), number(line, "writes"), number(line, "free_bytes"),
            line.at("write_ms").get<double>(), line.at("longest_write_ms").get<double>()};
}

/// Events that are not known here are a later version's.
/// Errors   json::exception: the line is not as ours are
void take_in(TakeStory& story, const json& line)
{
    const std::string event = text(line, "event");
    const auto frame = [&] { return number(line, "frame"); };
    if (event == "begin") begin(story, line);
    if (event == "part") story.parts.push_back({frame(), line.at("files"), {}});
    if (event == "part_end" && !story.parts.empty()) story.parts.back().end = frame();
    if (event == "gap") gap(story, {frame(), number(line, "frames")});
    if (event == "xrun") story.xruns.push_back(frame());
    if (event == "mark") story.marks.push_back({frame(), text(line, "text")});
    if (event == "renamed")
        story.marks.push_back({frame(), "track " + std::to_string(number(line, "track")) +
                                            " is now " + text(line, "name")});
    if (event == "error") story.errors.push_back({frame(), text(line, "text")});
    if (event == "remark") story.remarks.push_back({frame(), text(line, "text")});
    if (event == "progress") story.disk = disk(line);
    if (event == "repaired") story.repaired = frame();
    if (event == "end")
        story.end = {number(line, "frames"), number(line, "gaps"), number(line, "gap_frames"),
                     number(line, "xruns")};
}

bool is_locked(const std::filesystem::path& log)
{
    const Descriptor file(open(log.c_str(), O_RDONLY | O_CLOEXEC));
    return file && flock(file.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

} // namespace

std::expected<TakeStory, std::string> TakeStory::read(const std::filesystem::path& folder)
{
    const std::filesystem::path log = folder / TakeLog::file_name;
    TakeStory story;
    story.recording = is_locked(log); // first: what is read then is at least as new
    std::ifstream file(log);
    if (!file)
        return std::unexpected(folder.string() + " is no take: " + TakeLog::file_name + ": " +
                               std::strerror(errno));
    for (std::string line; std::getline(file, line);) {
        if (line.empty()) continue;
        try {
            take_in(story, json::parse(line));
        } catch (const json::exception&) {
            // The last one may be on its way.
            if (!story.recording || !file.eof()) story.unreadable++;
        }
    }
    if (story.tracks.empty() || story.parts.empty() || story.rate == 0)
        return std::unexpected(log.string() + " does not say how the take begins");
    return story;
}

} // namespace asiowire
