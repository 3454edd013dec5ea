// SPDX-License-Identifier: MIT
#include "tools/hook_runner/ring_feeds.hpp"

#include "pipewire/status_folder.hpp"
#include "taps/ring.hpp"

#include <array>
#include <dirent.h>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace asiowire {

namespace {

/// What the kernel calls a descriptor of a ring in /proc/PID/fd.
constexpr std::string_view ring_name = "/memfd:asiowire-ring";

/// A ring in which something may still come.
bool is_living_ring(int file)
{
    const auto ring = RingObserver::open(file);
    return ring && !ring->ended();
}

} // namespace

const hooks::Feed* RingFeeds::look()
{
    if (feed_ && !is_living_ring(feed_->fd.get())) feed_.reset();
    if (feed_ && !is_alive()) feed_.reset();
    if (!feed_) find();
    return feed_ ? &*feed_ : nullptr;
}

/// The memory outlives a process that was killed, and never says that it has ended.
bool RingFeeds::is_alive() const
{
    const auto ring = RingObserver::open(feed_->fd.get());
    return ring && access(("/proc/" + std::to_string(ring->header().pid)).c_str(), F_OK) == 0;
}

void RingFeeds::find()
{
    if (only_ != 0) {
        find_in(only_, "process " + std::to_string(only_));
        return;
    }
    for (const FoundPage& page : find_pages(status_folder()))
        if (page.alive &&
            find_in(static_cast<pid_t>(page.page->pid), page.facts().program.data()))
            return;
}

bool RingFeeds::find_in(pid_t pid, const std::string& program)
{
    const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
    DIR* const opened = opendir(folder.c_str());
    if (opened == nullptr) return false;
    bool found = false;
    while (const dirent* const entry = found ? nullptr : readdir(opened)) {
        const std::string path = folder + "/" + entry->d_name;
        std::array<char, 64> target{};
        if (readlink(path.c_str(), target.data(), target.size() - 1) <= 0) continue;
        if (!std::string_view(target.data()).starts_with(ring_name)) continue;
        hooks::Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!file || !is_living_ring(file.get())) continue;
        feed_.emplace(hooks::Feed{++number_, "ring",
                                  program + " (pid " + std::to_string(pid) + ")",
                                  std::move(file), false});
        found = true;
    }
    closedir(opened);
    return found;
}

} // namespace asiowire
