// SPDX-License-Identifier: MIT
#pragma once

#include "taps/take.hpp"

#include <functional>
#include <memory>

namespace asiowire {

/// Where a recorder puts a take: Take's own functions, so that tests can put a bad disk in its
/// place.
///
/// [disk-thread]  all of it; calls may wait for the disk
class TakeSink {
public:
    using Outcome = Take::Outcome;
    virtual ~TakeSink() = default;
    virtual Outcome write(std::span<const TakeBlock> blocks) = 0;
    virtual Outcome silence(std::uint64_t frames) = 0;
    virtual void mark(std::uint64_t frame, std::string_view text) = 0;
    virtual void graph_xrun(std::uint64_t frame) = 0;
    virtual void track_renamed(std::uint64_t frame, std::size_t track, std::string_view name) = 0;
    virtual void remark(std::string_view text) = 0;
    virtual Outcome finish() = 0;
    virtual std::filesystem::path folder() const = 0;
    virtual TakeCounts counts() const = 0;
    virtual std::uint64_t free_bytes() const = 0;
};

/// Begins a take, or says in a sentence why not.
using TakeMaker =
    std::function<std::expected<std::unique_ptr<TakeSink>, std::string>(TakeSettings settings)>;

/// Makes takes as taps/take.hpp does.
TakeMaker takes_on_disk();

} // namespace asiowire
