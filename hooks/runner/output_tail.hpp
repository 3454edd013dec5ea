// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace asiowire::hooks {

/// What a hook prints: its end is kept, its lines go into the log while they are few, and a flood is
/// noticed.
class OutputTail {
public:
    static constexpr std::size_t most_kept = 8192;
    static constexpr std::uint64_t flood_bytes = 1u << 20; // within a second
    static constexpr unsigned most_lines = 20;             // of a second, told one by one

    /// Takes a piece; returns the whole lines in it that may be told.
    std::vector<std::string> take(std::string_view bytes, std::uint64_t now_ns);

    bool floods() const { return second_bytes_ > flood_bytes; }
    void begin_anew()
    {
        second_bytes_ = 0;
        line_.clear();
    }
    const std::string& tail() const { return tail_; }
    std::uint64_t total() const { return total_; }

private:
    std::string tail_;
    std::string line_; // not ended yet
    std::uint64_t total_ = 0;
    std::uint64_t second_began_ = 0; // ns
    std::uint64_t second_bytes_ = 0;
    unsigned second_lines_ = 0;
};

} // namespace asiowire::hooks
