// SPDX-License-Identifier: MIT
#include "tools/asiowire/take.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace asiowire {
namespace {

enum ExitCode { whole = 0, damaged = 1, wrong = 3 };

int refuse(const std::string& sentence)
{
    std::fprintf(stderr, "asiowire: %s\n", sentence.c_str());
    return wrong;
}

} // namespace

std::optional<TakeOptions> TakeOptions::of(const std::vector<std::string_view>& words)
{
    TakeOptions options;
    if (words.empty()) return std::nullopt;
    if (words[0] == "verify")
        options.verb = Verb::verify;
    else if (words[0] == "repair")
        options.verb = Verb::repair;
    else if (words[0] != "info")
        return std::nullopt;
    for (std::size_t i = 1; i < words.size(); i++) {
        if (words[i] == "--json")
            options.json = true;
        else if (options.folder.empty() && !words[i].empty() && !words[i].starts_with("--"))
            options.folder = words[i];
        else
            return std::nullopt;
    }
    return options.folder.empty() ? std::nullopt : std::optional(options);
}

int look_at_take(const TakeOptions& options)
{
    auto story = TakeStory::read(options.folder);
    if (!story) return refuse(story.error());
    TakeVerdict verdict = TakeVerdict::of(options.folder, *story);
    if (options.verb == TakeOptions::Verb::repair) {
        const auto repaired = repair_take(options.folder, *story, verdict);
        if (!repaired) return refuse(repaired.error());
        story = TakeStory::read(options.folder);
        if (!story) return refuse(story.error());
        verdict = TakeVerdict::of(options.folder, *story);
    }
    const bool checked = options.verb != TakeOptions::Verb::info;
    const std::vector<TakeHook> hooks = TakeHook::of(options.folder, *story, verdict);
    for (const TakeHook& hook : hooks)
        std::ranges::copy(hook.problems, std::back_inserter(verdict.problems));
    const std::string text = options.json ? take_json(*story, verdict, hooks, checked)
                                          : take_text(*story, verdict, hooks, checked);
    std::fputs(text.c_str(), stdout);
    if (!checked) return whole;
    if (!verdict.problems.empty()) return wrong;
    return verdict.is_whole(*story) ? whole : damaged;
}

} // namespace asiowire
