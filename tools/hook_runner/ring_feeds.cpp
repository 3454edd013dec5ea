// SPDX-License-Identifier: MIT
#include "tools/hook_runner/ring_feeds.hpp"

#include "pipewire/control_socket.hpp"
#include "pipewire/process.hpp"
#include "pipewire/status_folder.hpp"
#include "taps/ring.hpp"

#include <array>
#include <chrono>
#include <dirent.h>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace asiowire {

namespace {

/// What the kernel calls a descriptor of a ring in /proc/PID/fd.
constexpr std::string_view ring_name = "/memfd:asiowire-ring";

/// A ring in which something may still come. The memory outlives a process that was killed, and never
/// says that it has ended.
bool is_living_ring(int file)
{
    const auto ring = RingObserver::open(file);
    return ring && !ring->ended() && start_time_of(static_cast<pid_t>(ring->header().pid)) != 0;
}

template <class Value> bool is_ready(const std::future<Value>& future)
{
    return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

std::optional<hooks::Fd> open_living(const std::string& path)
{
    hooks::Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || !is_living_ring(file.get())) return std::nullopt;
    return file;
}

std::optional<RingFeeds::Found> find_in(pid_t pid)
{
    const std::string process = std::to_string(pid);
    const std::string folder = "/proc/" + process + "/fd";
    DIR* const opened = opendir(folder.c_str());
    if (opened == nullptr) return std::nullopt;
    std::optional<RingFeeds::Found> found;
    while (const dirent* const entry = found ? nullptr : readdir(opened)) {
        const std::string path = folder + "/" + entry->d_name;
        std::array<char, 64> target{};
        if (readlink(path.c_str(), target.data(), target.size() - 1) <= 0) continue;
        if (!std::string_view(target.data()).starts_with(ring_name)) continue;
        if (auto ring = open_living(path))
            found.emplace(std::move(*ring), "process " + process, "");
    }
    closedir(opened);
    return found;
}

/// The first driver that lets us listen: its audio thread fills its ring from then on.
std::optional<RingFeeds::Found> ask_drivers()
{
    for (const FoundPage& page : find_pages(status_folder())) {
        if (!page.alive) continue;
        const std::string control = control_path(page.path);
        const auto path = ask_control(control, "listen");
        if (!path || !path->starts_with("/proc/")) continue;
        if (auto ring = open_living(*path))
            return RingFeeds::Found{std::move(*ring),
                                    std::string(page.facts().program.data()) + " (pid " +
                                        std::to_string(page.page->pid) + ")",
                                    control};
    }
    return std::nullopt;
}

} // namespace

RingFeeds::~RingFeeds()
{
    if (search_.valid())
        if (auto found = search_.get()) take(std::move(*found));
    let_go();
}

const hooks::Feed* RingFeeds::look(bool wanted)
{
    if (feed_ && (!wanted || !is_living_ring(feed_->fd.get()))) let_go();
    if (search_.valid() && is_ready(search_))
        if (auto found = search_.get()) take(std::move(*found));
    if (wanted && !feed_ && !search_.valid())
        search_ = std::async(std::launch::async,
                             [only = only_] { return only != 0 ? find_in(only) : ask_drivers(); });
    return wanted && feed_ ? &*feed_ : nullptr;
}

void RingFeeds::take(Found found)
{
    feed_.emplace(hooks::Feed{++number_, "ring", found.label, std::move(found.ring), false});
    control_ = found.control;
}

void RingFeeds::let_go()
{
    feed_.reset();
    std::erase_if(goodbyes_, [](const auto& goodbye) { return is_ready(goodbye); });
    if (!control_.empty())
        goodbyes_.push_back(std::async(std::launch::async, [control = control_] {
            static_cast<void>(ask_control(control, "unlisten")); // a dead driver needs none
        }));
    control_.clear();
}

} // namespace asiowire
