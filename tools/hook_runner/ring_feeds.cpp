// SPDX-License-Identifier: MIT
#include "tools/hook_runner/ring_feeds.hpp"

#include "pipewire/control_socket.hpp"
#include "pipewire/process.hpp"
#include "pipewire/ring_sign.hpp"
#include "pipewire/status_folder.hpp"
#include "taps/ring_takes.hpp"
#include "tools/hook_runner/ring_source.hpp"

#include <algorithm>
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
constexpr std::size_t most_takes_known = 8;

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

/// A recorder that is no driver and wants hooks to hear it.
std::optional<RingFeeds::Found> find_recorder()
{
    for (const RingSign::Found& sign : RingSign::find(status_folder()))
        if (auto ring = open_living(sign.ring))
            return RingFeeds::Found{std::move(*ring),
                                    "asiowire record (pid " + std::to_string(sign.pid) + ")", ""};
    return std::nullopt;
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
    hear_of_takes();
    if (feed_ && (!wanted || !is_living_ring(feed_->fd.get()) || is_called_away())) let_go();
    if (search_.valid() && is_ready(search_))
        if (auto found = search_.get()) take(std::move(*found));
    if (wanted && !feed_ && !search_.valid())
        search_ = std::async(std::launch::async, [only = only_] {
            if (only != 0) return find_in(only);
            auto recorder = find_recorder();
            return recorder ? std::move(recorder) : ask_drivers();
        });
    return wanted && feed_ ? &*feed_ : nullptr;
}

/// A recorder goes before a driver that does without us.
bool RingFeeds::is_called_away() const
{
    if (control_.empty()) return false;
    for (const auto& [number, take] : news_->takes)
        if (take.end == hooks::FedTake::open) return false;
    return find_recorder().has_value();
}

void RingFeeds::take(Found found)
{
    auto ring = RingObserver::open(found.ring.get());
    if (!ring) return; // it was one a moment ago
    news_ = std::make_shared<hooks::TakeNews>();
    news_->channels = ring_channel_names(*ring);
    ring_.emplace(std::move(*ring));
    feed_.emplace(
        hooks::Feed{++number_, "ring", found.label, std::move(found.ring), false, news_});
    control_ = found.control;
    hear_of_takes();
}

/// What the ring's recorder has said, all of it before what depends on it.
void RingFeeds::hear_of_takes()
{
    if (!ring_) return;
    const RingHeader& header = ring_->header();
    const std::uint64_t decided = header.recorded.load(std::memory_order_acquire);
    const std::uint64_t begun = header.takes_begun.load(std::memory_order_acquire);
    news_->preroll_s = header.preroll_s;
    for (std::uint64_t number = begun > 1 ? begun - 1 : 1; number <= begun; number++) {
        const auto said = ring_take(header, number);
        if (!said && number == begun) return; // a recorder in the middle of a word
        if (!said || said->hooks == 0) continue;
        hooks::FedTake& take = news_->takes[number];
        take.folder = said->folder.data();
        take.rate = said->rate;
        take.end = said->end;
        const std::uint64_t there = std::min<std::uint64_t>(said->n_places, RingTake::most_places);
        for (std::uint64_t n = said->n_places - there; n < said->n_places; n++) {
            const RingPlace& place = said->places[n % RingTake::most_places];
            take.places[place.position] = place.frame;
        }
    }
    // The end of a take that was followed by two others since we looked is not told any more.
    hooks::FedTake* before = nullptr;
    for (auto& [number, take] : news_->takes) {
        if (before != nullptr && before->end == hooks::FedTake::open)
            before->end = take.places.begin()->first;
        before = &take;
    }
    while (news_->takes.size() > most_takes_known) news_->takes.erase(news_->takes.begin());
    news_->decided = decided;
}

void RingFeeds::let_go()
{
    hear_of_takes(); // its last words
    feed_.reset();
    ring_.reset();
    news_.reset();
    std::erase_if(goodbyes_, [](const auto& goodbye) { return is_ready(goodbye); });
    if (!control_.empty())
        goodbyes_.push_back(std::async(std::launch::async, [control = control_] {
            static_cast<void>(ask_control(control, "unlisten")); // a dead driver needs none
        }));
    control_.clear();
}

} // namespace asiowire
