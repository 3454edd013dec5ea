// SPDX-License-Identifier: MIT
#include "pipewire/ring_sign.hpp"

#include "pipewire/process.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <dirent.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace asiowire {

namespace {

/// The process in "123.ring"; 0: it is no sign.
pid_t pid_in(std::string_view name)
{
    pid_t pid = 0;
    const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), pid);
    const bool sign = bad == std::errc() && name.substr(end - name.data()) == ".ring";
    return sign && pid > 0 ? pid : 0;
}

std::string process_folder(pid_t pid)
{
    return "/proc/" + std::to_string(pid) + "/fd/";
}

} // namespace

std::expected<std::unique_ptr<RingSign>, std::string> RingSign::put_up(const std::string& folder,
                                                                       int ring)
{
    if (folder.empty()) return std::unexpected("XDG_RUNTIME_DIR names no folder");
    const std::string path = folder + "/" + std::to_string(getpid()) + ".ring";
    const std::string target = process_folder(getpid()) + std::to_string(ring);
    static_cast<void>(mkdir(folder.c_str(), 0700)); // or it is there already
    unlink(path.c_str());                           // of a dead process that had our pid
    if (symlink(target.c_str(), path.c_str()) != 0)
        return std::unexpected(path + ": " + std::strerror(errno));
    return std::unique_ptr<RingSign>(new RingSign(path));
}

RingSign::~RingSign()
{
    unlink(path_.c_str());
}

std::vector<RingSign::Found> RingSign::find(const std::string& folder)
{
    std::vector<Found> signs;
    DIR* const opened = opendir(folder.c_str());
    if (opened == nullptr) return signs;
    while (const dirent* const entry = readdir(opened)) {
        const pid_t pid = pid_in(entry->d_name);
        if (pid == 0) continue;
        if (start_time_of(pid) == 0) {
            unlinkat(dirfd(opened), entry->d_name, 0);
            continue;
        }
        std::array<char, 64> target{};
        const ssize_t length =
            readlinkat(dirfd(opened), entry->d_name, target.data(), target.size() - 1);
        const std::string ring(target.data(), length < 0 ? 0 : static_cast<std::size_t>(length));
        if (ring.starts_with(process_folder(pid))) signs.push_back({pid, ring});
    }
    closedir(opened);
    return signs;
}

} // namespace asiowire
