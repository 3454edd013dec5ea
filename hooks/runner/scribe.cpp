// SPDX-License-Identifier: MIT
#include "hooks/runner/scribe.hpp"

#include "hooks/runner/fd.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <sys/stat.h>
#include <thread>
#include <utility>

namespace asiowire::hooks {

namespace {

constexpr auto pace = std::chrono::seconds(1);
constexpr auto patience = std::chrono::seconds(5); // with a disk, at the end
constexpr std::size_t most_waiting = std::size_t{64} << 20;

/// One file as the thread has it.
struct Sheet {
    std::string folder;
    std::string name;
    std::string text; // to be written
    bool closing = false;
    Fd file;
    bool failed = false;

    /// Errors   errno
    int make()
    {
        const Fd take(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!take) return errno;
        if (mkdirat(take.get(), "hooks", 0777) != 0 && errno != EEXIST) return errno;
        const Fd hooks(
            openat(take.get(), "hooks", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!hooks) return errno;
        std::string base = name;
        std::ranges::replace(base, '/', '_');
        constexpr int most_of_a_name = 1000;
        for (int number = 1; number <= most_of_a_name; number++) {
            const std::string tried =
                base + (number == 1 ? "" : "-" + std::to_string(number)) + ".jsonl";
            file = Fd(openat(hooks.get(), tried.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
                             0666));
            if (file) return 0;
            if (errno != EEXIST) break;
        }
        return errno;
    }

    /// Errors   errno; the file ends with a whole line
    int append(std::string_view lines) const
    {
        struct stat before{};
        if (fstat(file.get(), &before) != 0) return errno;
        while (!lines.empty()) {
            const ssize_t written = ::write(file.get(), lines.data(), lines.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) {
                const int error = errno;
                if (ftruncate(file.get(), before.st_size) != 0) return errno;
                return error;
            }
            lines.remove_prefix(static_cast<std::size_t>(written));
        }
        return 0;
    }
};

} // namespace

class Scribe::Desk {
public:
    void run()
    {
        std::unique_lock lock(mutex_);
        while (!over_ || !sheets_.empty()) {
            if (!over_) news_.wait_for(lock, pace, [this] { return over_ || hurry_; });
            hurry_ = false;
            for (auto& [number, sheet] : sheets_) {
                std::string text = std::exchange(sheet.text, {});
                waiting_ -= text.size();
                const bool closing = sheet.closing || over_;
                lock.unlock(); // the map's nodes stay where they are, and only we erase them
                const int error = serve(sheet, text, closing);
                lock.lock();
                if (error != 0)
                    complaints_.push_back({sheet.name, sheet.folder + ": " + std::strerror(error)});
            }
            std::erase_if(sheets_, [this](const auto& one) {
                return one.second.text.empty() && (one.second.closing || over_);
            });
        }
        idle_ = true;
        news_.notify_all();
    }

    std::mutex mutex_; // guards what follows, but a sheet's file
    std::condition_variable news_;
    std::map<std::uint64_t, Sheet> sheets_;
    std::uint64_t next_ = 1;
    std::size_t waiting_ = 0; // bytes
    std::vector<Complaint> complaints_;
    bool hurry_ = false;
    bool over_ = false;
    bool idle_ = false;

private:
    static int serve(Sheet& sheet, const std::string& text, bool closing)
    {
        if (sheet.failed) return 0;
        int error = sheet.file ? 0 : sheet.make();
        if (error == 0 && !text.empty()) error = sheet.append(text);
        if (error == 0 && closing && fdatasync(sheet.file.get()) != 0) error = errno;
        sheet.failed = error != 0;
        return error;
    }
};

Scribe::Scribe() : desk_(std::make_shared<Desk>())
{
    std::thread([desk = desk_] { desk->run(); }).detach();
}

Scribe::~Scribe()
{
    std::unique_lock lock(desk_->mutex_);
    desk_->over_ = true;
    desk_->news_.notify_all();
    desk_->news_.wait_for(lock, patience, [this] { return desk_->idle_; });
}

std::uint64_t Scribe::open(std::string folder, std::string name, const std::string& first_line)
{
    const std::lock_guard guard(desk_->mutex_);
    Sheet& sheet = desk_->sheets_[desk_->next_];
    sheet.folder = std::move(folder);
    sheet.name = std::move(name);
    sheet.text = first_line + "\n";
    desk_->waiting_ += sheet.text.size();
    return desk_->next_++;
}

bool Scribe::write(std::uint64_t file, const std::string& line)
{
    const std::lock_guard guard(desk_->mutex_);
    const auto found = desk_->sheets_.find(file);
    if (found == desk_->sheets_.end() || desk_->waiting_ + line.size() >= most_waiting)
        return false;
    found->second.text += line + "\n";
    desk_->waiting_ += line.size() + 1;
    return true;
}

void Scribe::close(std::uint64_t file, const std::string& last_line)
{
    const std::lock_guard guard(desk_->mutex_);
    const auto found = desk_->sheets_.find(file);
    if (found == desk_->sheets_.end()) return;
    found->second.text += last_line + "\n";
    desk_->waiting_ += last_line.size() + 1;
    found->second.closing = true;
    desk_->hurry_ = true;
    desk_->news_.notify_all();
}

std::vector<Scribe::Complaint> Scribe::complaints()
{
    const std::lock_guard guard(desk_->mutex_);
    return std::exchange(desk_->complaints_, {});
}

} // namespace asiowire::hooks
