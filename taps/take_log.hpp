// SPDX-License-Identifier: MIT
#pragma once

#include "taps/descriptor.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace asiowire {

/// One JSON object, member by member.
class TakeLogLine {
public:
    TakeLogLine() = default;
    /// What happened; the first member of each line.
    explicit TakeLogLine(std::string_view event) { text("event", event); }

    TakeLogLine& text(const char* name, std::string_view value);
    TakeLogLine& number(const char* name, std::uint64_t value);
    TakeLogLine& milliseconds(const char* name, std::int64_t nanoseconds);
    TakeLogLine& texts(const char* name, const std::vector<std::string>& values);
    TakeLogLine& objects(const char* name, const std::vector<TakeLogLine>& values);
    std::string done() const { return "{" + members_ + "}"; }

private:
    TakeLogLine& raw(const char* name, const std::string& value);
    std::string members_;
};

/// The log of a take: one JSON object in a line, each written at once, so that a kill can damage the
/// last one at most.
///
/// While it is open it is locked: that tells a take that is being recorded from one that was killed.
/// Space is kept for what has to be said when the disk is full.
/// [disk-thread]
class TakeLog {
public:
    static constexpr const char* file_name = "take.jsonl";

    /// Errors   an errno
    int open(int folder);
    void append(const TakeLogLine& line);
    /// Errors   the errno of the first line that was not written; 0 = all were
    int close();
    bool is_unlinked() const; ///< somebody has removed it

private:
    void reserve();
    void note(int error);

    Descriptor file_;
    std::uint64_t size_ = 0;
    std::uint64_t reserved_ = 0;
    int failed_ = 0;
};

} // namespace asiowire
