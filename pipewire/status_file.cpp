// SPDX-License-Identifier: MIT

#include "pipewire/status_file.hpp"

#include "pipewire/process.hpp"
#include "pipewire/status_folder.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <linux/magic.h>
#include <new>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace asiowire {

namespace {

std::atomic<std::uint32_t> pages_made{0};

bool is_memory(int file)
{
    struct statfs system{};
    if (fstatfs(file, &system) != 0) return false;
    const auto type = static_cast<std::uint32_t>(system.f_type);
    return type == TMPFS_MAGIC || type == RAMFS_MAGIC;
}

/// A folder that only we can write to, or null and why not.
bool make_folder(const std::string& folder, std::string& why)
{
    struct stat facts{};
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        why = std::strerror(errno);
    else if (lstat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode))
        why = "is no folder";
    else if (facts.st_uid != geteuid() || (facts.st_mode & 022) != 0)
        why = "others may write there";
    return why.empty();
}

} // namespace

std::unique_ptr<StatusFile> StatusFile::create(const std::string& folder, std::string& why)
{
    std::unique_ptr<StatusFile> made(new StatusFile);
    made->number_ = pages_made++;
    if (folder.empty())
        why = "no status page, as XDG_RUNTIME_DIR names no folder";
    else if (std::string reason; !made->open_file(folder, reason))
        why = "no status page, " + folder + ": " + reason;
    if (!made->map_memory()) throw std::bad_alloc();
    return made;
}

/// Leaves an open file of the right size, in memory that is there for good, or nothing.
bool StatusFile::open_file(const std::string& folder, std::string& why)
{
    if (!make_folder(folder, why)) return false;
    sweep_pages(folder);
    const std::string path =
        folder + "/" + std::to_string(getpid()) + "-" + std::to_string(number_) + ".status";
    constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    file_ = open(path.c_str(), flags, 0600);
    if (file_ < 0) {
        why = std::strerror(errno);
        return false;
    }
    path_ = path;
    // Or a full file system would show as SIGBUS on the audio thread.
    if (const int error = posix_fallocate(file_, 0, sizeof(StatusPage)); error != 0) {
        why = std::strerror(error);
        withdraw();
        close(file_);
        file_ = -1;
        return false;
    }
    return true;
}

bool StatusFile::map_memory()
{
    const bool direct = file_ >= 0 && is_memory(file_);
    void* const memory = mmap(nullptr, sizeof(StatusPage), PROT_READ | PROT_WRITE,
                              direct ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS,
                              direct ? file_ : -1, 0);
    if (memory == MAP_FAILED) return false;
    static_cast<void>(mlock(memory, sizeof(StatusPage))); // where the user's limit allows it
    page_ = new (memory) StatusPage;                      // writes all of it
    page_->bytes = sizeof(StatusPage);
    page_->pid = static_cast<std::uint32_t>(getpid());
    page_->number = number_;
    page_->start_time = start_time_of(getpid());
    page_->opened = static_cast<std::uint64_t>(std::time(nullptr));
    page_->facts.store(facts_);
    page_->magic.store(StatusPage::right_magic, std::memory_order_release);
    if (direct) {
        close(file_);
        file_ = -1;
    }
    copy_out();
    return true;
}

StatusFile::~StatusFile()
{
    withdraw();
    if (file_ >= 0) close(file_);
    if (page_ != nullptr) munmap(page_, sizeof(StatusPage));
}

void StatusFile::refresh()
{
    const std::lock_guard guard(mutex_);
    copy_out();
}

/// Word by word, because the audio thread writes meanwhile.
void StatusFile::copy_out() const
{
    if (file_ < 0) return;
    std::array<std::uint32_t, sizeof(StatusPage) / 4> words;
    const auto* const from = reinterpret_cast<const std::uint32_t*>(page_);
    for (std::size_t i = 0; i < words.size(); i++)
        words[i] = __atomic_load_n(from + i, __ATOMIC_RELAXED);
    static_cast<void>(!pwrite(file_, words.data(), sizeof words, 0)); // it is only for looking at
}

void StatusFile::clear()
{
    for (Histogram* const times : {&page_->wake, &page_->host, &page_->own}) times->clear();
    PageCounters& counters = page_->counters;
    for (auto* const counter :
         {&counters.cycles, &counters.blocks, &counters.gaps, &counters.overruns, &counters.late,
          &counters.xruns_ours, &counters.xruns_device, &counters.woken_late})
        counter->store(0, std::memory_order_relaxed);
    refresh();
}

void StatusFile::withdraw()
{
    if (!path_.empty()) unlink(path_.c_str());
    path_.clear();
}

} // namespace asiowire
