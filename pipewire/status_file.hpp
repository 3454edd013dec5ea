// SPDX-License-Identifier: MIT
#pragma once

#include "core/status_page.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace asiowire {

/// A driver's status page and the file that shows it to others.
///
/// The audio thread writes straight into the file's memory only where the file system is memory
/// itself. On a disk a store may wait for the journal, so there the page is private memory, and
/// tell() and refresh() copy it into the file.
class StatusFile {
public:
    /// Makes <pid>-<number>.status, for this user alone, and removes the pages of dead owners. Without
    /// a file there is still a page, and `why` says what failed.
    /// [any-thread]
    static std::unique_ptr<StatusFile> create(const std::string& folder, std::string& why);

    /// The file goes with it; the memory, too.
    ~StatusFile();
    StatusFile(const StatusFile&) = delete;
    StatusFile& operator=(const StatusFile&) = delete;

    /// In memory from the start, every line of it touched.
    StatusPage& page() { return *page_; }
    const StatusPage& page() const { return *page_; }

    const std::string& path() const { return path_; } // "" = no file

    /// Changes the facts. [any-thread but the audio thread]
    template <class Change> void tell(Change change)
    {
        const std::lock_guard guard(mutex_);
        change(facts_);
        page_->facts.store(facts_);
        copy_out();
    }

    /// Has the file follow the page, where it does not by itself.
    /// [any-thread but the audio thread]
    void refresh();

    /// Empties counters and times. [any-thread while the audio thread does not run]
    void clear();

    /// Removes the file and leaves the memory, which a dead thread may still look at.
    void withdraw();

private:
    StatusFile() = default;
    bool open_file(const std::string& folder, std::string& why);
    bool map_memory();
    void copy_out() const;

    std::mutex mutex_; // guards facts_ and the file's contents
    PageFacts facts_;
    StatusPage* page_ = nullptr;
    std::string path_;
    int file_ = -1; // open only where the page is not the file's own memory
    std::uint32_t number_ = 0;
};

/// Puts a name into a field of PageFacts; one that is too long is cut off between two characters.
template <std::size_t n> void put(std::array<char, n>& field, std::string_view text)
{
    std::size_t bytes = std::min(text.size(), n - 1);
    while (bytes > 0 && bytes < text.size() && (text[bytes] & 0xc0) == 0x80) bytes--; // UTF-8
    field = {};
    text.copy(field.data(), bytes);
}

} // namespace asiowire
