// SPDX-License-Identifier: MIT

#include "pipewire/log.hpp"

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

} // namespace

void log(LogLevel level, std::string_view text)
{
    const std::string line =
        std::string("asiowire: ").append(name(level)).append(": ").append(text).append("\n");
    if (level != LogLevel::info) write_line(STDERR_FILENO, line);
    const char* path = std::getenv("ASIOWIRE_LOG");
    if (path == nullptr || *path == '\0') return;
    const int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return;
    write_line(file, line);
    close(file);
}

} // namespace asiowire
