// SPDX-License-Identifier: MIT
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace asiowire {

/// Shows the runner of hooks a ring that is no driver's: a link PID.ring in the status folder, for as
/// long as this lives.
class RingSign {
public:
    /// `ring`: its descriptor in this process.
    /// [any-thread]
    /// Errors   a sentence
    static std::expected<std::unique_ptr<RingSign>, std::string> put_up(const std::string& folder,
                                                                        int ring);
    ~RingSign();
    RingSign(const RingSign&) = delete;
    RingSign& operator=(const RingSign&) = delete;

    /// A sign as found.
    struct Found {
        pid_t pid = 0;
        std::string ring; // where it can be opened
    };
    /// The signs of processes that are there; those of the dead are removed.
    /// [any-thread]
    static std::vector<Found> find(const std::string& folder);

private:
    explicit RingSign(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

} // namespace asiowire
