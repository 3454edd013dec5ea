// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/pin_ledger.hpp"

#include <cstdint>
#include <string>

namespace asiowire {

/// Notices a graph that does not run at what was forced on it. The graph takes a while to follow,
/// and a change passes through other values: what stays counts.
class Delivery {
public:
    /// One sentence with both numbers, once per change; "" when there is no news.
    /// [caretaker]
    /// Units    forced: 0 = not; now_ns: monotonic
    std::string look(const Forced& forced, const Forced& runs, std::uint64_t now_ns);

private:
    Forced forced_;
    Forced runs_;
    std::uint64_t since_ns_ = 0; // they are as they are
    bool judged_ = false;
};

} // namespace asiowire
