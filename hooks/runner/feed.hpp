// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/fd.hpp"
#include "hooks/runner/take_news.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace asiowire::hooks {

/// Where audio comes from at present.
struct Feed {
    std::uint64_t number = 0; // another one for every stream, from 1
    std::string source;       // the word for the hook's process: "ring", or "wav:FILE"
    std::string label;        // for people
    Fd fd;                    // given to the hook's process as child_source
    bool patient = false;     // the source waits: no result need be lost
    std::shared_ptr<const TakeNews> takes = nullptr; // null: nobody records it
};

} // namespace asiowire::hooks
