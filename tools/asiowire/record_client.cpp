// SPDX-License-Identifier: MIT
// A word to the recorder of a running driver, over its control socket: one line there, one answer
// back.

#include "pipewire/control_socket.hpp"
#include "pipewire/status_folder.hpp"
#include "tools/asiowire/record.hpp"
#include "tools/asiowire/status.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

namespace asiowire {

namespace {

struct Words {
    std::string line; // for the driver
    std::uint32_t pid = 0;
};

/// What was asked for, or none when it is no question of ours.
std::optional<Words> words_of(std::vector<std::string_view> words)
{
    Words asked;
    if (words.size() >= 2 && words[words.size() - 2] == "--pid") {
        const std::string_view text = words.back();
        const auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), asked.pid);
        if (error != std::errc() || end != text.data() + text.size() || asked.pid == 0)
            return std::nullopt;
        words.resize(words.size() - 2);
    }
    const std::string_view verb = words.empty() ? "" : words[0];
    asked.line = verb;
    if (verb == "stop" && words.size() == 1) return asked;
    if (verb == "status" && words.size() == 1) return asked;
    if (verb == "status" && words.size() == 2 && words[1] == "--json") {
        asked.line += " json";
        return asked;
    }
    if (verb == "start" && words.size() > 1 && words[1] == "--hooks") {
        asked.line += " --hooks";
        words.erase(words.begin() + 1);
    }
    if (verb == "start" && words.size() == 1) return asked;
    if (((verb == "start" && words.size() == 2) || (verb == "mark" && words.size() >= 2))) {
        for (const std::string_view word : std::vector(words.begin() + 1, words.end()))
            asked.line += " " + std::string(word);
        return asked;
    }
    return std::nullopt;
}

/// The driver that is meant, or a sentence.
std::expected<std::string, std::string> socket_of(std::uint32_t pid)
{
    std::vector<FoundPage> pages = find_pages(status_folder());
    std::erase_if(pages, [&](const FoundPage& page) {
        return !page.alive || (pid != 0 && page.page->pid != pid);
    });
    if (pages.empty())
        return std::unexpected(pid == 0 ? "no program has the driver open"
                                        : "no program with pid " + std::to_string(pid) +
                                              " has the driver open");
    if (pages.size() > 1) {
        std::string several = "several programs have the driver open; choose one with --pid:";
        for (const FoundPage& page : pages)
            several += " " + std::to_string(page.page->pid) + " (" +
                       clean(page.facts().program.data()) + ")";
        return std::unexpected(several);
    }
    return control_path(pages[0].path);
}

} // namespace

int talk_to_recorder(const std::vector<std::string_view>& words)
{
    const auto asked = words_of(words);
    if (!asked) {
        std::fputs(record_help, stderr);
        return 2;
    }
    const auto path = socket_of(asked->pid);
    const auto answer = path ? ask_control(*path, asked->line) : std::unexpected(path.error());
    if (!answer) {
        std::fprintf(stderr, "asiowire: %s\n", clean(answer.error()).c_str());
        return 1;
    }
    std::printf("%s\n", clean(*answer).c_str());
    return 0;
}

} // namespace asiowire
