// SPDX-License-Identifier: MIT
#pragma once

#include "tests/scratch.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

namespace engine_test {

/// What a user does with a patchbay, by PipeWire's own tool.
inline bool link_by_hand(const std::string& from, const std::string& to)
{
    return std::system(("pw-link '" + from + "' '" + to + "' >/dev/null 2>&1").c_str()) == 0;
}
inline bool unlink_by_hand(const std::string& from, const std::string& to)
{
    return std::system(("pw-link -d '" + from + "' '" + to + "' >/dev/null 2>&1").c_str()) == 0;
}

/// Every link, as pw-link sees it: (node:port, node:port).
inline std::set<std::pair<std::string, std::string>> all_links()
{
    std::set<std::pair<std::string, std::string>> links;
    std::FILE* const tool = popen("pw-link -l 2>/dev/null", "r");
    if (tool == nullptr) return links;
    std::array<char, 1024> line{};
    std::string from;
    while (std::fgets(line.data(), line.size(), tool) != nullptr) {
        std::string text = line.data();
        while (!text.empty() && text.back() <= ' ')
            text.pop_back();
        const std::size_t arrow = text.find("|-> ");
        if (!text.starts_with(" "))
            from = text;
        else if (arrow != std::string::npos)
            links.emplace(from, text.substr(arrow + 4));
    }
    pclose(tool);
    return links;
}

inline bool is_linked(const std::string& from, const std::string& to)
{
    return all_links().contains({from, to});
}

inline int count_links(const std::string& from, const std::string& to)
{
    int count = 0;
    for (const auto& link : all_links())
        count += link.first.starts_with(from) && link.second.starts_with(to);
    return count;
}

/// Waits, eight seconds at most: the tools are slow on a busy machine.
inline bool comes_true(const std::function<bool()>& condition)
{
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(8);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

/// A folder of its own for what applications keep, until it goes.
class StateFolder {
public:
    std::string path() const { return root_.path + "/asiowire/engine-test.links"; }

    /// The list of links that is kept, without its first line; "" when there is none.
    std::string list() const
    {
        std::ostringstream text;
        text << std::ifstream(path()).rdbuf();
        return text.str().substr(std::min(text.str().size(), text.str().find('\n') + 1));
    }
    bool keeps(const std::string& wanted) const
    {
        return comes_true([&] { return list() == wanted; });
    }
    void save(const std::string& text) const
    {
        std::filesystem::create_directories(root_.path + "/asiowire");
        std::ofstream(path()) << text;
    }

private:
    const scratch::Folder root_{"/tmp/asiowire-state"};
    const scratch::Variable variable_{"XDG_STATE_HOME", root_.path};
};

} // namespace engine_test
