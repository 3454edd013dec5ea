// SPDX-License-Identifier: MIT

#include "pipewire/log.hpp"

#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace asiowire {

namespace {

const char* name(LogLevel level)
{
    switch (level) {
    case LogLevel::error: return "error";
    case LogLevel::warning: return "warning";
    case LogLevel::info: return "info";
    }
    return "";
}

void write_line(int descriptor, const std::string& line)
{
    // A short or failed write loses log text and nothing else.
    [[maybe_unused]] const ssize_t written = write(descriptor, line.data(), line.size());
}

/// A name is never freed: no lock may be held here by a thread that Windows ends, so somebody may still
/// be reading an old one.
struct Named {
    std::string path;
    const Named* before = nullptr;
};
constinit std::atomic<const Named*> named{nullptr};

std::string log_path()
{
    if (const char* path = std::getenv("ASIOWIRE_LOG"); path != nullptr && *path != '\0')
        return path;
    const Named* const now = named;
    return now == nullptr ? "" : now->path;
}

} // namespace

void log_into(const std::string& path)
{
    const Named* const before = named;
    if ((before == nullptr ? "" : before->path) == path) return;
    named = new Named{path, before};
}

void log(LogLevel level, std::string_view text)
{
    const std::string line =
        std::string("asiowire: ").append(name(level)).append(": ").append(text).append("\n");
    if (level != LogLevel::info) write_line(STDERR_FILENO, line);
    const std::string path = log_path();
    if (path.empty()) return;
    const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return;
    write_line(file, line);
    close(file);
}

} // namespace asiowire
