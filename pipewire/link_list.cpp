// SPDX-License-Identifier: MIT

#include "pipewire/link_list.hpp"

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace asiowire {

namespace {

constexpr const char* first_line = "asiowire-links-1";

/// A name without tabs and line ends, for names may hold anything.
std::string packed(const std::string& name)
{
    std::string safe;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        char code[4];
        std::snprintf(code, sizeof code, "%%%02x", byte);
        safe += byte < 0x20 || byte == 0x7f || c == '%' ? std::string(code) : std::string(1, c);
    }
    return safe;
}

std::string unpacked(const std::string& safe)
{
    std::string name;
    for (std::size_t i = 0; i < safe.size(); i++) {
        if (safe[i] != '%' || i + 2 >= safe.size()) {
            name += safe[i];
            continue;
        }
        name += static_cast<char>(std::strtoul(safe.substr(i + 1, 2).c_str(), nullptr, 16));
        i += 2;
    }
    return name;
}

std::vector<std::string> split(const std::string& text, char at)
{
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
        end = text.find(at, begin);
        parts.push_back(text.substr(begin, end == std::string::npos ? end : end - begin));
    }
    return parts;
}

std::string line(const char* what, const LinkName& link)
{
    return std::string(what) + '\t' + packed(link.ours) + '\t' + packed(link.node) + '\t' +
           packed(link.port) + '\n';
}

} // namespace

void LinkList::add(const LinkName& link, bool by_rule)
{
    left.erase(link);
    if (!by_rule) wanted.insert(link);
}

void LinkList::remove(const LinkName& link, bool by_rule)
{
    wanted.erase(link);
    if (by_rule) left.insert(link);
}

std::string LinkList::text() const
{
    if (empty()) return {};
    std::string all = std::string(first_line) + '\n';
    if (!playback.empty()) all += "playback\t" + packed(playback) + '\n';
    if (!capture.empty()) all += "capture\t" + packed(capture) + '\n';
    for (const LinkName& link : wanted)
        all += line("want", link);
    for (const LinkName& link : left)
        all += line("leave", link);
    return all;
}

std::expected<LinkList, std::string> LinkList::from(const std::string& text)
{
    LinkList list;
    if (text.empty()) return list;
    const std::vector<std::string> lines = split(text, '\n');
    if (lines[0] != first_line)
        return std::unexpected("its first line is not \"" + std::string(first_line) + "\"");
    for (std::size_t i = 1; i < lines.size(); i++) {
        if (lines[i].empty()) continue;
        std::vector<std::string> words = split(lines[i], '\t');
        for (std::string& word : words)
            word = unpacked(word);
        if (words.size() == 2 && words[0] == "playback")
            list.playback = words[1];
        else if (words.size() == 2 && words[0] == "capture")
            list.capture = words[1];
        else if (words.size() == 4 && words[0] == "want")
            list.wanted.insert({words[1], words[2], words[3]});
        else if (words.size() == 4 && words[0] == "leave")
            list.left.insert({words[1], words[2], words[3]});
        else
            return std::unexpected("line " + std::to_string(i + 1) + " is not understood");
    }
    return list;
}

} // namespace asiowire
