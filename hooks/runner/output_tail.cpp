// SPDX-License-Identifier: MIT
#include "hooks/runner/output_tail.hpp"

#include <algorithm>

namespace asiowire::hooks {

std::vector<std::string> OutputTail::take(std::string_view bytes, std::uint64_t now_ns)
{
    constexpr std::size_t longest_line = 500;
    if (now_ns - second_began_ >= 1'000'000'000) {
        second_began_ = now_ns;
        second_bytes_ = 0;
        second_lines_ = 0;
    }
    total_ += bytes.size();
    second_bytes_ += bytes.size();
    tail_ += bytes.substr(bytes.size() - std::min(bytes.size(), most_kept));
    if (tail_.size() > most_kept) tail_.erase(0, tail_.size() - most_kept);

    std::vector<std::string> lines;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view piece = bytes.substr(0, end);
        line_ += piece.substr(0, longest_line - std::min(line_.size(), longest_line));
        if (end == std::string_view::npos) break;
        bytes.remove_prefix(end + 1);
        if (!line_.empty() && second_lines_ < most_lines) {
            lines.push_back(line_);
            second_lines_++;
        }
        line_.clear();
    }
    return lines;
}

} // namespace asiowire::hooks
