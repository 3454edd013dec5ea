// SPDX-License-Identifier: MIT
#include "taps/file_names.hpp"
#include "tools/asiowire/take.hpp"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace asiowire {
namespace {

using Json = nlohmann::ordered_json;

/// "1:02:03.456"
std::string clock_time(std::uint64_t frames, std::uint64_t rate)
{
    const std::uint64_t ms = frames / rate * 1000 + frames % rate * 1000 / rate;
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%llu:%02u:%02u.%03u",
                  static_cast<unsigned long long>(ms / 3'600'000),
                  static_cast<unsigned>(ms / 60'000 % 60), static_cast<unsigned>(ms / 1000 % 60),
                  static_cast<unsigned>(ms % 1000));
    return text.data();
}

std::string counted(std::uint64_t number, const char* noun)
{
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string line(const std::string& name, const std::string& text)
{
    return "  " + name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') +
           clean_text(text) + "\n";
}

std::string judgement(const TakeStory& story, const TakeVerdict& verdict)
{
    if (!verdict.problems.empty()) return "files and log do not agree";
    if (verdict.is_whole(story)) return "whole";
    return "damaged, as said above; the files agree with the log";
}

std::string ending_text(const TakeStory& story, const TakeVerdict& verdict)
{
    std::string text = word(verdict.ending);
    if (verdict.ending == TakeVerdict::Ending::killed)
        text += " at " + clock_time(verdict.frames, story.rate) + "; at most " +
                std::to_string(verdict.missing_at_most) + " frames (" +
                clock_time(verdict.missing_at_most, story.rate) + ") of what was written are missing";
    if (story.repaired) text += "; repaired";
    return text;
}

Json notes(const std::vector<TakeStory::Note>& of)
{
    Json list = Json::array();
    for (const TakeStory::Note& note : of)
        list.push_back({{"frame", note.frame}, {"text", note.text}});
    return list;
}

/// "levels: 120 results, 2 events, 0:00:00.000 to 0:00:12.000"
std::string hook_text(const TakeHook& hook, std::uint64_t rate)
{
    std::string text = hook.hook + ": " + counted(hook.results, "result") + ", " +
                       counted(hook.events, "event");
    if (hook.first)
        text += ", " + clock_time(*hook.first, rate) + " to " + clock_time(*hook.last, rate);
    if (hook.missed > 0) text += ", " + std::to_string(hook.missed) + " missed";
    if (hook.beyond > 0) text += ", " + std::to_string(hook.beyond) + " beyond the end";
    if (!hook.ended) text += ", not ended";
    return text + " (" + hook.file + ")";
}

Json hook_json(const TakeHook& hook)
{
    Json json = {{"file", hook.file},     {"hook", hook.hook},     {"results", hook.results},
                 {"events", hook.events}, {"missed", hook.missed}, {"beyond", hook.beyond},
                 {"ended", hook.ended}};
    json["first_frame"] = hook.first ? Json(*hook.first) : Json(nullptr);
    json["last_frame"] = hook.last ? Json(*hook.last) : Json(nullptr);
    return json;
}

Json file_json(const TakeVerdict::File& file)
{
    return {{"name", file.name},     {"first_track", file.first_track + 1},
            {"frame", file.frame},   {"frames", file.frames},
            {"rf64", file.rf64},     {"frames_there", file.frames_there},
            {"readable", file.readable}};
}

} // namespace

std::string take_text(const TakeStory& story, const TakeVerdict& verdict,
                      const std::vector<TakeHook>& hooks, bool checked)
{
    const auto at = [&](std::uint64_t frame) {
        return clock_time(frame, story.rate) + " (frame " + std::to_string(frame) + ")";
    };
    std::string text = clean_text(story.name) + "\n";
    text += line("started", story.started + " by " + story.originator);
    text += line("length", at(verdict.frames));
    text += line("format", std::to_string(story.rate) + " Hz, 24 bit, " +
                               counted(story.tracks.size(), "track") + ", " +
                               counted(verdict.files.size(), "file") +
                               (story.polyphonic ? ", polyphonic" : ""));
    text += line("ending", ending_text(story, verdict));
    for (std::size_t i = 0; i < story.tracks.size(); i++) {
        const TakeStory::Track& track = story.tracks[i];
        text += line("track " + std::to_string(i + 1),
                     track.name + " (" + track.source +
                         (track.colour.empty() ? "" : ", " + track.colour) + ") " +
                         clock_time(verdict.lengths[i], story.rate));
    }
    for (const TakeStory::Span& gap : story.gaps)
        text += line("gap", at(gap.frame) + ", " + counted(gap.frames, "frame") + " of silence");
    for (const std::uint64_t frame : story.xruns) text += line("graph xrun", at(frame));
    for (const auto& mark : story.marks) text += line("mark", at(mark.frame) + " " + mark.text);
    for (const auto& remark : story.remarks)
        text += line("remark", at(remark.frame) + " " + remark.text);
    for (const auto& error : story.errors) text += line("error", error.text);
    for (const TakeHook& hook : hooks) text += line("hook", hook_text(hook, story.rate));
    if (!checked) return text;
    for (const std::string& problem : verdict.problems) text += line("problem", problem);
    return text + line("verdict", judgement(story, verdict));
}

std::string take_json(const TakeStory& story, const TakeVerdict& verdict,
                      const std::vector<TakeHook>& hooks, bool checked)
{
    Json all = {{"take", story.name},
                {"uid", story.uid},
                {"started", story.started},
                {"originator", story.originator},
                {"rate", story.rate},
                {"polyphonic", story.polyphonic},
                {"rotation", story.rotation},
                {"ending", word(verdict.ending)},
                {"frames", verdict.frames},
                {"equally_long", verdict.equally_long},
                {"missing_at_most", verdict.missing_at_most}};
    Json& tracks = all["tracks"] = Json::array();
    for (std::size_t i = 0; i < story.tracks.size(); i++)
        tracks.push_back({{"number", i + 1},
                          {"name", story.tracks[i].name},
                          {"source", story.tracks[i].source},
                          {"colour", story.tracks[i].colour},
                          {"frames", verdict.lengths[i]}});
    Json& files = all["files"] = Json::array();
    for (const auto& file : verdict.files) files.push_back(file_json(file));
    Json& gaps = all["gaps"] = Json::array();
    for (const auto& gap : story.gaps)
        gaps.push_back({{"frame", gap.frame}, {"frames", gap.frames}});
    all["xruns"] = story.xruns;
    all["marks"] = notes(story.marks);
    all["remarks"] = notes(story.remarks);
    all["errors"] = notes(story.errors);
    if (story.repaired) all["repaired"] = *story.repaired;
    if (story.disk)
        all["disk"] = {{"bytes", story.disk->bytes},
                       {"writes", story.disk->writes},
                       {"write_ms", story.disk->write_ms},
                       {"longest_write_ms", story.disk->longest_write_ms},
                       {"free_bytes", story.disk->free_bytes}};
    Json& heard = all["hooks"] = Json::array();
    for (const TakeHook& hook : hooks) heard.push_back(hook_json(hook));
    if (checked) {
        all["problems"] = verdict.problems;
        all["whole"] = verdict.is_whole(story);
    }
    return all.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace asiowire
