// SPDX-License-Identifier: MIT
#include "tools/asiowire/take_hooks.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace asiowire {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Ending = TakeVerdict::Ending;

class Reading {
public:
    Reading(std::string file, const TakeStory& story, const TakeVerdict& verdict)
        : story_(story), verdict_(verdict)
    {
        hook_.file = std::move(file);
    }

    TakeHook run(const fs::path& path) &&
    {
        std::ifstream lines(path, std::ios::binary);
        if (!lines) problem("cannot be read");
        for (std::string text; std::getline(lines, text);) {
            line_++;
            const bool whole = !lines.eof(); // only a kill leaves a line without its end
            try {
                take_in(json::parse(text));
            } catch (const json::exception&) {
                if (whole)
                    problem("is no line of ours", line_);
                else
                    hook_.cut = 1;
            }
        }
        if (line_ == 0 && lines) problem("is empty");
        if (frames_told_ && is_over() && *frames_told_ != verdict_.frames)
            problem("tells of a take of " + std::to_string(*frames_told_) +
                    " frames, but it has " + std::to_string(verdict_.frames));
        return std::move(hook_);
    }

private:
    void problem(const std::string& what, std::uint64_t line = 0)
    {
        if (hook_.problems.size() < most_problems)
            hook_.problems.push_back(hook_.file + ": " +
                                     (line > 0 ? "line " + std::to_string(line) + " " : "") + what);
    }
    bool is_over() const { return verdict_.ending == Ending::finished; }

    /// Errors   json::exception: the line is not as ours are
    void take_in(const json& line)
    {
        const std::string kind = line.at("kind");
        if ((line_ == 1) != (kind == "begin"))
            problem(line_ == 1 ? "does not say how it begins" : "begins once more", line_);
        if (hook_.ended) problem("comes after the end", line_);
        if (kind == "begin") {
            hook_.hook = line.at("hook");
            if (line.at("rate").get<std::uint64_t>() != story_.rate)
                problem("tells of another sample rate than the take's", line_);
        } else if (kind == "end") {
            hook_.ended = true;
            if (line.contains("frames")) frames_told_ = line.at("frames").get<std::uint64_t>();
        } else {
            see(line.at("frame").get<std::uint64_t>());
        }
        if (kind == "result") {
            if (!line.at("name").is_string() || !line.contains("value"))
                problem("is a result without name or value", line_);
            hook_.results++;
        }
        if (kind == "event") hook_.events++;
        if (kind == "missed") hook_.missed += line.at("lines").get<std::uint64_t>();
    }

    void see(std::uint64_t frame)
    {
        if (!hook_.first) hook_.first = frame;
        hook_.last = std::max(hook_.last.value_or(0), frame);
        // Of a take that was cut off, or goes on, hooks may have heard more than the files have.
        if (frame < verdict_.frames || verdict_.ending == Ending::recording) return;
        hook_.beyond++;
        if (is_over())
            problem("is of frame " + std::to_string(frame) + ", which the take has not", line_);
    }

    static constexpr std::size_t most_problems = 10; // of a file
    const TakeStory& story_;
    const TakeVerdict& verdict_;
    TakeHook hook_;
    std::uint64_t line_ = 0;
    std::optional<std::uint64_t> frames_told_;
};

} // namespace

std::vector<TakeHook> TakeHook::of(const fs::path& folder, const TakeStory& story,
                                   const TakeVerdict& verdict)
{
    std::vector<fs::path> paths;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder / "hooks", ignored))
        if (entry.path().extension() == ".jsonl") paths.push_back(entry.path());
    std::ranges::sort(paths);
    std::vector<TakeHook> hooks;
    for (const fs::path& path : paths)
        hooks.push_back(
            Reading("hooks/" + path.filename().string(), story, verdict).run(path));
    return hooks;
}

} // namespace asiowire
