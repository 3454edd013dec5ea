// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/feed.hpp"

#include <optional>
#include <string>
#include <sys/types.h>

namespace asiowire {

/// Finds the ring of a driver that is open, again and again: the one heard so far as long as it lives,
/// else another one.
/// [supervisor-thread]
class RingFeeds {
public:
    /// `only`: look into this process alone; 0: into all that have the driver open.
    explicit RingFeeds(pid_t only) : only_(only) {}

    /// Null: there is none at present. Valid until asked again
    const hooks::Feed* look();

private:
    bool is_alive() const;
    void find();
    bool find_in(pid_t pid, const std::string& program);

    pid_t only_;
    std::uint64_t number_ = 0;
    std::optional<hooks::Feed> feed_;
};

} // namespace asiowire
