// SPDX-License-Identifier: MIT

#include "tools/asiowire/register_words.hpp"

#include <algorithm>
#include <cstdio>

namespace asiowire {

namespace {

constexpr std::size_t longest_node = 127; // abi::node_bytes
constexpr std::size_t longest_name = 31;  // getDriverName

bool printable(const std::string& text, bool ascii)
{
    return std::ranges::all_of(text, [=](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte != 0x7f && !(ascii && byte >= 0x80);
    });
}

std::string wrong_node(const std::string& option, const std::string& node)
{
    if (node.empty()) return option + " wants the name of a node, as \"pw-cli ls Node\" has it";
    if (node.size() > longest_node)
        return option + ": no more than " + std::to_string(longest_node) +
               " bytes are possible for a node's name";
    if (!printable(node, false)) return option + ": a node's name has no control characters";
    return {};
}

std::string wrong_name(const std::string& name)
{
    if (name.empty() || name.size() > longest_name || !printable(name, true) || name.contains('\\'))
        return "--name wants 1 to " + std::to_string(longest_name) +
               " ASCII characters without a backslash, because hosts show no others";
    std::string small = name;
    std::ranges::transform(small, small.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
    return small == "asiowire" ? "--name: \"AsioWire\" is the entry of the default devices" : "";
}

/// As much of the node's name as a host has room for.
std::string usual_name(std::string node)
{
    for (const char* const plain : {"alsa_output.", "alsa_input."})
        if (node.starts_with(plain)) node.erase(0, std::string(plain).size());
    std::string name = "AsioWire " + node;
    for (char& c : name)
        if (c == '\\' || static_cast<unsigned char>(c) >= 0x80) c = '_';
    return name.substr(0, longest_name);
}

std::string encoded(const std::string& value)
{
    std::string text;
    for (const char c : value) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        char code[4];
        std::snprintf(code, sizeof code, "%%%02x", static_cast<unsigned char>(c));
        text += plain ? std::string(1, c) : std::string(code);
    }
    return text;
}

} // namespace

std::expected<RegisterWords, std::string> RegisterWords::of(const std::string& command,
                                                            const std::vector<std::string>& words)
{
    RegisterWords all;
    bool has_device = false;
    bool has_more = false;
    std::string wrong;
    for (std::size_t i = 0; i < words.size(); i += 2) {
        if (i + 1 == words.size()) return std::unexpected("");
        const std::string& value = words[i + 1];
        if (words[i] == "--prefix") {
            all.prefix = value;
        } else if (words[i] == "--device") {
            has_device = true;
            all.device = value;
            wrong = wrong.empty() ? wrong_node("--device", value) : wrong;
        } else if (command == "register" && words[i] == "--name") {
            has_more = true;
            all.name = value;
            wrong = wrong.empty() ? wrong_name(value) : wrong;
        } else if (command == "register" && words[i] == "--capture") {
            has_more = true;
            all.capture = value;
            wrong = wrong.empty() ? wrong_node("--capture", value) : wrong;
        } else {
            return std::unexpected("");
        }
    }
    if (!wrong.empty()) return std::unexpected(wrong);
    if (has_more && !has_device)
        return std::unexpected("--name and --capture go with --device: they are of its entry");
    if (has_device && all.name.empty()) all.name = usual_name(all.device);
    return all;
}

std::string RegisterWords::install_words() const
{
    return "device=" + encoded(device) + "&name=" + encoded(name) + "&capture=" + encoded(capture);
}

} // namespace asiowire
