// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/feed.hpp"
#include "taps/ring.hpp"

#include <future>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace asiowire {

/// Finds the ring of a recorder that wants to be heard, else of a driver that is open, again and again:
/// the one heard so far as long as it lives, else another one. Drivers are asked on a thread of their
/// own, because one may be slow to answer.
/// [supervisor-thread]
class RingFeeds {
public:
    /// `only`: look into this process alone, whether it has the driver open or not; 0: ask drivers.
    explicit RingFeeds(pid_t only) : only_(only) {}
    /// Lets the driver know that nobody listens any more.
    ~RingFeeds();
    RingFeeds(const RingFeeds&) = delete;
    RingFeeds& operator=(const RingFeeds&) = delete;

    /// Null: there is none at present, or none is wanted. Valid until asked again
    const hooks::Feed* look(bool wanted);

    /// A ring, and how to talk to its driver.
    struct Found {
        hooks::Fd ring;
        std::string label;
        std::string control; // path of its socket; "" = it is no driver
    };

private:
    void take(Found found);
    void hear_of_takes();
    bool is_called_away() const;
    void let_go();

    pid_t only_;
    std::uint64_t number_ = 0;
    std::optional<hooks::Feed> feed_;
    std::optional<RingObserver> ring_; // of the feed, for its header
    std::shared_ptr<hooks::TakeNews> news_; // the feed's
    std::string control_; // of the driver that is heard
    std::future<std::optional<Found>> search_;
    std::vector<std::future<void>> goodbyes_; // under way
};

} // namespace asiowire
