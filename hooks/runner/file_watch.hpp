// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

namespace asiowire::hooks {

/// Says when one of some files has become another one, or has other contents.
/// [any-thread, one at a time]
class FileWatch {
public:
    explicit FileWatch(std::vector<std::string> files = {}) : files_(std::move(files))
    {
        stamps_ = look();
    }

    /// True once per change; a file that is gone for the moment (an editor saves) is no change.
    bool has_changed()
    {
        const std::vector<Stamp> now = look();
        bool changed = false;
        for (std::size_t i = 0; i < now.size(); i++) {
            if (now[i].inode == 0 || now[i] == stamps_[i]) continue;
            stamps_[i] = now[i];
            changed = true;
        }
        return changed;
    }

private:
    struct Stamp {
        std::uint64_t inode = 0;
        std::int64_t bytes = 0;
        std::int64_t seconds = 0;
        std::int64_t nanoseconds = 0;
        bool operator==(const Stamp&) const = default;
    };

    std::vector<Stamp> look() const
    {
        std::vector<Stamp> stamps;
        for (const std::string& file : files_) {
            struct stat facts{};
            if (stat(file.c_str(), &facts) != 0) facts = {};
            stamps.push_back(
                {facts.st_ino, facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec});
        }
        return stamps;
    }

    std::vector<std::string> files_;
    std::vector<Stamp> stamps_;
};

} // namespace asiowire::hooks
