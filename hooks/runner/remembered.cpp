// SPDX-License-Identifier: MIT
#include "hooks/runner/remembered.hpp"

#include "hooks/runner/fd.hpp"
#include "hooks/runner/trusted_path.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

namespace asiowire::hooks {

namespace {

constexpr std::size_t most_bytes = 1u << 20;
constexpr char heading[] = "# What asiowire hooks add has added: a hook in each line, a tab before each "
                           "key=value.";

std::string refused(const std::string& path, int error)
{
    return path + ": " + std::strerror(error);
}

/// None: it is a remark, or empty.
Remembered::Words words_of(const std::string& line)
{
    Remembered::Words words;
    if (line.empty() || line[0] == '#') return words;
    for (std::size_t begin = 0; begin <= line.size();) {
        const std::size_t end = std::min(line.find('\t', begin), line.size());
        if (end > begin) words.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

/// Errors   errno
int write_all(int file, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return fsync(file) == 0 ? 0 : errno;
}

/// Links resolved, as far as there is something.
std::string real(const std::string& path)
{
    std::array<char, PATH_MAX> found{};
    return realpath(path.c_str(), found.data()) == nullptr ? path : found.data();
}

} // namespace

std::expected<std::vector<std::string>, std::string> Remembered::lines() const
{
    const std::string path = real(path_);
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file && errno == ENOENT) return std::vector<std::string>{heading};
    if (!file) return std::unexpected(refused(path, errno));
    if (std::string who = who_else_can_write(path); !who.empty())
        return std::unexpected(who);
    std::string text;
    for (std::array<char, 4096> piece;;) {
        const ssize_t got = read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::unexpected(refused(path, errno));
        if (got == 0) break;
        text.append(piece.data(), static_cast<std::size_t>(got));
        if (text.size() > most_bytes) return std::unexpected(path + " is longer than 1 MiB");
    }
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

std::string Remembered::write(const std::vector<std::string>& lines) const
{
    for (std::size_t end = 0; (end = path_.find('/', end + 1)) != std::string::npos;)
        static_cast<void>(mkdir(path_.substr(0, end).c_str(), 0700)); // what fails, open says
    const std::string path = real(path_);
    const std::string fresh = path + ".new";
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    unlink(fresh.c_str()); // of a runner that was killed: there is one at a time
    const Fd file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return refused(fresh, errno);
    int error = write_all(file.get(), text);
    if (error == 0 && rename(fresh.c_str(), path.c_str()) != 0) error = errno;
    if (error == 0) return {};
    unlink(fresh.c_str());
    return refused(path, error);
}

std::expected<std::vector<Remembered::Words>, std::string> Remembered::all() const
{
    std::vector<Words> all;
    if (path_.empty()) return all;
    const auto found = lines();
    if (!found) return std::unexpected(found.error());
    for (const std::string& line : *found)
        if (Words words = words_of(line); !words.empty()) all.push_back(std::move(words));
    return all;
}

std::string Remembered::add(const Words& words) const
{
    if (path_.empty()) return "neither XDG_STATE_HOME nor HOME names a folder";
    auto found = lines();
    if (!found) return found.error();
    const std::string name = name_in(words);
    std::erase_if(*found, [&](const std::string& line) { return name_in(words_of(line)) == name; });
    std::string line;
    for (const std::string& word : words) line += (line.empty() ? "" : "\t") + word;
    found->push_back(std::move(line));
    return write(*found);
}

std::expected<bool, std::string> Remembered::forget(const std::string& name) const
{
    if (path_.empty()) return false;
    auto found = lines();
    if (!found) return std::unexpected(found.error());
    const auto gone = std::erase_if(
        *found, [&](const std::string& line) { return name_in(words_of(line)) == name; });
    if (gone == 0) return false;
    if (std::string why = write(*found); !why.empty()) return std::unexpected(why);
    return true;
}

std::string remembered_file()
{
    if (const char* const state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
        return std::string(state) + "/asiowire/hooks";
    const char* const home = std::getenv("HOME");
    return home != nullptr && *home == '/' ? std::string(home) + "/.local/state/asiowire/hooks" : "";
}

std::string name_in(const Remembered::Words& words)
{
    constexpr std::string_view key = "name=";
    for (const std::string& word : words)
        if (word.starts_with(key)) return word.substr(key.size());
    if (words.empty()) return {};
    std::string name = words[0].substr(words[0].rfind('/') + 1); // npos + 1 is 0
    if (name.ends_with(".c") || name.ends_with(".so")) name.erase(name.rfind('.'));
    return name;
}

} // namespace asiowire::hooks
