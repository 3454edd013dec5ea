// SPDX-License-Identifier: MIT
#include "hooks/runner/spec.hpp"

#include "hooks/runner/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <dirent.h>

namespace asiowire::hooks {

namespace {

std::string ready_names(const std::string& folder)
{
    std::vector<std::string> names;
    if (DIR* const opened = opendir(folder.c_str())) {
        while (const dirent* const entry = readdir(opened)) {
            const std::string_view name = entry->d_name;
            if (name.ends_with(".so")) names.emplace_back(name.substr(0, name.size() - 3));
        }
        closedir(opened);
    }
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "are none" : "are " + text;
}

/// Errors   a sentence
std::string find(HookSpec& spec, const std::string& word, const std::string& ready)
{
    const bool is_file = word.contains('/') || word.ends_with(".c") || word.ends_with(".so");
    if (!is_file && !is_name(word)) return "'" + printable(word) + "' is no name of a hook";
    const std::string path = is_file ? word : ready + "/" + word + ".so";
    std::array<char, PATH_MAX> real{};
    if (realpath(path.c_str(), real.data()) == nullptr)
        return is_file ? word + ": " + std::strerror(errno)
                       : "there is no ready-made hook '" + word + "'; there " +
                             ready_names(ready) + "; a hook of your own is a file, .c or .so";
    spec.file = real.data();
    spec.compiled = spec.file.ends_with(".c");
    if (!spec.compiled && !spec.file.ends_with(".so"))
        return word + " is neither a C file (.c) nor a shared object (.so)";
    spec.name = spec.file.substr(spec.file.rfind('/') + 1);
    spec.name.erase(spec.name.rfind('.'));
    return {};
}

std::string number(std::string_view key, const std::string& value, std::uint64_t least,
                   std::uint64_t most, std::uint64_t unit, std::uint64_t& to)
{
    std::uint64_t read = 0;
    const char* const end = value.data() + value.size();
    const auto [rest, bad] = std::from_chars(value.data(), end, read);
    if (bad != std::errc() || rest != end || read < least || read > most)
        return std::string(key) + "=" + value + ": a whole number from " + std::to_string(least) +
               " to " + std::to_string(most) + " is needed";
    to = read * unit;
    return {};
}

std::string set(HookSpec& spec, const std::string& key, const std::string& value)
{
    if (key == "name") {
        if (!is_name(value))
            return "name=" + value + ": 1 to 63 letters, digits and _ . - + / are needed";
        spec.name = value;
    } else if (key == "channels") {
        spec.channels = value;
    } else if (key == "limit.ms") {
        return number(key, value, 10, 60000, 1, spec.limit_ms);
    } else if (key == "limit.mb") {
        return number(key, value, 1, 65536, 1u << 20, spec.memory_bytes);
    } else {
        spec.settings.push_back({key, value});
    }
    return {};
}

} // namespace

std::expected<HookSpec, std::string> HookSpec::of(const std::vector<std::string>& words,
                                                  const std::string& ready)
{
    if (words.empty()) return std::unexpected("which hook? A file (.c, .so) or a name is needed");
    HookSpec spec;
    if (std::string why = find(spec, words[0], ready); !why.empty()) return std::unexpected(why);
    for (std::size_t i = 1; i < words.size(); i++) {
        const std::size_t equals = words[i].find('=');
        if (equals == std::string::npos || equals == 0)
            return std::unexpected("'" + words[i] + "' is no setting: key=value is needed");
        const std::string why =
            set(spec, words[i].substr(0, equals), words[i].substr(equals + 1));
        if (!why.empty()) return std::unexpected(why);
    }
    if (!is_name(spec.name))
        return std::unexpected("'" + printable(spec.name) +
                               "' is no name for a hook; give one with name=");
    return spec;
}

} // namespace asiowire::hooks
