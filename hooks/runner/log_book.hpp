// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/text.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace asiowire::hooks {

/// What has happened lately, of all hooks; the oldest is forgotten when there is too much.
/// [supervisor-thread]
class LogBook {
public:
    struct Entry {
        std::uint64_t number = 0;
        std::string text; // a line for people, without its end
        std::string json;
    };

    /// A line of a kind ("fault", "event", …); `more` has its members besides.
    void write(std::string_view hook, std::string_view kind, std::string_view text,
               JsonObject more = {});

    /// The result of a hook; not kept unless somebody listens.
    void write_result(std::string_view hook, std::string_view name, std::uint64_t position,
                      const std::string& json_value);

    /// How many want results to be written, too.
    void listeners(int change) { listeners_ += change; }
    bool has_listeners() const { return listeners_ > 0; }

    std::uint64_t next() const { return next_; }
    const std::deque<Entry>& entries() const { return entries_; }

private:
    void keep(Entry entry);

    static constexpr std::size_t most_bytes = 4u << 20;
    static constexpr std::size_t most_entries = 4096;
    std::deque<Entry> entries_;
    std::size_t bytes_ = 0;
    std::uint64_t next_ = 0;
    int listeners_ = 0;
};

} // namespace asiowire::hooks
