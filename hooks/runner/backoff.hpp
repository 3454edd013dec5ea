// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>

namespace asiowire::hooks {

/// When something that fails again and again may be tried again: after half a second, then twice as
/// long each time, a minute at most; after a minute without trouble as at first.
class Backoff {
public:
    static constexpr std::uint64_t first_ns = 500'000'000;
    static constexpr std::uint64_t longest_ns = 60'000'000'000;

    void began(std::uint64_t now_ns) { began_ = now_ns; }
    /// Returns how long to wait. Units: ns
    std::uint64_t failed(std::uint64_t now_ns)
    {
        if (began_ != 0 && now_ns - began_ >= longest_ns) next_ = first_ns;
        const std::uint64_t wait = next_;
        next_ = std::min(next_ * 2, longest_ns);
        began_ = 0;
        not_before_ = now_ns + wait;
        return wait;
    }
    void forgive() { *this = {}; }
    /// How long still to wait. Units: ns
    std::uint64_t left(std::uint64_t now_ns) const
    {
        return not_before_ > now_ns ? not_before_ - now_ns : 0;
    }

private:
    std::uint64_t next_ = first_ns;
    std::uint64_t began_ = 0;
    std::uint64_t not_before_ = 0;
};

} // namespace asiowire::hooks
