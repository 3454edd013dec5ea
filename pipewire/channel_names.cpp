// SPDX-License-Identifier: MIT

#include "pipewire/channel_names.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace asiowire {

namespace {

/// One question mark for each character that ASIO's hosts could not show.
std::string ascii(const std::string& text)
{
    std::string safe;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0) == 0x80) continue; // the rest of a character
        safe += byte >= 0x80 ? '?' : byte < 0x20 || byte == 0x7f ? ' ' : c;
    }
    return safe;
}

} // namespace

std::string port_label(const std::string& name, const std::string& alias)
{
    const std::size_t colon = alias.rfind(':');
    const std::string given = colon == std::string::npos ? alias : alias.substr(colon + 1);
    if (!given.empty() && given != name) return given; // else it is PipeWire's own, "device:port"
    std::string label = name;
    for (char& c : label)
        if (c == '_') c = ' ';
    if (!label.empty() && label[0] >= 'a' && label[0] <= 'z')
        label[0] = static_cast<char>(label[0] - 'a' + 'A');
    return label;
}

std::vector<std::string> told_apart(std::vector<std::string> labels, const std::string& otherwise)
{
    std::set<std::string> taken;
    for (std::size_t i = 0; i < labels.size(); i++) {
        std::string label = ascii(labels[i]).substr(0, longest_channel_name);
        if (label.find_first_not_of(' ') == std::string::npos)
            label = otherwise + " " + std::to_string(i + 1);
        const std::string whole = label;
        for (int n = 2; !taken.insert(label).second; n++) {
            const std::string tail = " (" + std::to_string(n) + ")";
            label = whole.substr(0, longest_channel_name - tail.size()) + tail;
        }
        labels[i] = label;
    }
    return labels;
}

std::vector<std::string> channel_names(const Graph& graph, std::uint32_t node, Direction direction,
                                       std::uint32_t count, const std::string& otherwise)
{
    const auto ports = graph.ports_of(node, direction);
    std::vector<std::string> labels(count);
    for (std::size_t i = 0; i < std::min<std::size_t>(count, ports.size()); i++) {
        const Graph::Port& port = *graph.port(ports[i]);
        labels[i] = port_label(port.name, port.alias);
    }
    return told_apart(std::move(labels), otherwise);
}

} // namespace asiowire
