// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace asiowire::hooks {

/// Appends lines to files on a thread of its own, so that a slow disk holds nobody else. Once a second,
/// and at a file's end, whole lines go to the file system: who is killed in between loses a second.
/// [supervisor-thread]  nothing here waits for the disk, but for the destructor, and it gives up
class Scribe {
public:
    Scribe();
    /// Writes what is left; a disk that does not answer within some seconds is left behind.
    ~Scribe();
    Scribe(const Scribe&) = delete;
    Scribe& operator=(const Scribe&) = delete;

    /// A new file NAME.jsonl, or NAME-2.jsonl and so on, in `folder`/hooks.
    /// Returns its number. Errors   in complaints()
    std::uint64_t open(std::string folder, std::string name, const std::string& first_line);
    /// False: the disk is so slow that there is no room for the line.
    bool write(std::uint64_t file, const std::string& line);
    /// `last_line` finds room always.
    void close(std::uint64_t file, const std::string& last_line);

    /// A sentence for a file that cannot go on.
    struct Complaint {
        std::string name;
        std::string why;
    };
    /// Those since the last time it was asked.
    std::vector<Complaint> complaints();

private:
    class Desk;
    std::shared_ptr<Desk> desk_; // the thread's, too
};

} // namespace asiowire::hooks
