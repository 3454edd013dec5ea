// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/asiowire_hook.h"
#include "hooks/runner/wire.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace asiowire::hooks {

/// The newest results of one hook, by name.
/// [supervisor-thread]
class Results {
public:
    /// Errors   false: it has too many names already
    bool take(const Message& message);
    void forget() { found_.clear(); }

    /// {"name": 1.5, "other": [1, 2]}
    std::string as_json() const;
    /// A line for each, for people.
    std::string as_table() const;

    /// A message's value as JSON.
    static std::string json_value(const Message& message);

private:
    struct Result {
        bool is_array = false;
        double value = 0;
        std::vector<float> values;
        std::uint64_t position = 0;
    };
    std::map<std::string, Result, std::less<>> found_;
};

} // namespace asiowire::hooks
