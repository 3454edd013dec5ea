// SPDX-License-Identifier: MIT

#include "pipewire/status_folder.hpp"

#include "pipewire/process.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace asiowire {

namespace {

/// The fields that every version has, read without trusting the file.
struct Head {
    std::uint64_t magic = 0;
    std::uint32_t version = 0;
    std::uint32_t bytes = 0;
    std::uint32_t pid = 0;
    std::uint32_t number = 0;
    std::uint64_t start_time = 0;
};
static_assert(offsetof(Head, bytes) == offsetof(StatusPage, bytes) &&
              offsetof(Head, pid) == offsetof(StatusPage, pid) &&
              offsetof(Head, start_time) == offsetof(StatusPage, start_time));

/// A file's name taken apart: "123-0.status". 0: it is none of ours.
std::uint32_t pid_in(const std::string& name)
{
    std::uint32_t pid = 0;
    std::uint32_t number = 0;
    const char* const end = name.data() + name.size();
    const auto [dash, bad_pid] = std::from_chars(name.data(), end, pid);
    if (bad_pid != std::errc() || dash == end || *dash != '-') return 0;
    const auto [rest, bad_number] = std::from_chars(dash + 1, end, number);
    return bad_number == std::errc() && std::string_view(rest, end) == ".status" ? pid : 0;
}

/// A file's name and what it begins with.
struct Entry {
    std::string path;
    std::uint32_t named_pid = 0;
    Head head;
    std::int64_t bytes = 0;

    bool is_page() const { return head.magic == StatusPage::right_magic && head.pid == named_pid; }
    /// A page that is being made is alive as long as its maker is.
    bool alive() const
    {
        const std::uint64_t started = start_time_of(static_cast<pid_t>(named_pid));
        return started != 0 && (!is_page() || started == head.start_time);
    }
};

/// Calls `see(entry, descriptor)` for every file of this user that is named like a page.
template <class See> void each_file(const std::string& folder, See see)
{
    DIR* const opened = opendir(folder.c_str());
    if (opened == nullptr) return;
    while (const dirent* const found = readdir(opened)) {
        Entry entry;
        entry.named_pid = pid_in(found->d_name);
        if (entry.named_pid == 0) continue;
        const int file =
            openat(dirfd(opened), found->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (file < 0) continue;
        struct stat facts {};
        if (fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_uid == geteuid()) {
            entry.path = folder + "/" + found->d_name;
            entry.bytes = facts.st_size;
            if (pread(file, &entry.head, sizeof entry.head, 0) != sizeof entry.head)
                entry.head = {};
            see(entry, file);
        }
        close(file);
    }
    closedir(opened);
}

} // namespace

std::string status_folder()
{
    const char* const folder = std::getenv("XDG_RUNTIME_DIR");
    return folder == nullptr || *folder == '\0' ? "" : std::string(folder) + "/asiowire";
}

std::string control_path(const std::string& page_path)
{
    return page_path.substr(0, page_path.rfind('.')) + ".control";
}

void Unmap::operator()(const StatusPage* page) const
{
    munmap(const_cast<StatusPage*>(page), sizeof(StatusPage));
}

PageFacts FoundPage::facts() const
{
    PageFacts facts;
    static_cast<void>(page->facts.try_load(facts, 1000));
    for (auto* const name : {&facts.program, &facts.node})
        name->back() = '\0';
    for (auto* const name : {&facts.playback, &facts.capture})
        name->back() = '\0';
    facts.scheduling.back() = '\0';
    return facts;
}

std::vector<FoundPage> find_pages(const std::string& folder)
{
    std::vector<FoundPage> pages;
    each_file(folder, [&](const Entry& entry, int file) {
        if (!entry.is_page() || entry.head.version != StatusPage::right_version ||
            entry.head.bytes != sizeof(StatusPage) || entry.bytes != sizeof(StatusPage))
            return;
        void* const memory = mmap(nullptr, sizeof(StatusPage), PROT_READ, MAP_SHARED, file, 0);
        if (memory == MAP_FAILED) return;
        FoundPage found;
        found.page.reset(static_cast<const StatusPage*>(memory));
        found.path = entry.path;
        found.alive = entry.alive();
        pages.push_back(std::move(found));
    });
    std::sort(pages.begin(), pages.end(),
              [](const FoundPage& a, const FoundPage& b) { return a.path < b.path; });
    return pages;
}

void sweep_pages(const std::string& folder)
{
    each_file(folder, [](const Entry& entry, int) {
        if (entry.alive()) return;
        unlink(entry.path.c_str());
        unlink(control_path(entry.path).c_str());
    });
}

} // namespace asiowire
