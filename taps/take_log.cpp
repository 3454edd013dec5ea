// SPDX-License-Identifier: MIT
#include "taps/take_log.hpp"

#include "taps/file_names.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace asiowire {
namespace {

constexpr std::uint64_t last_words = 16 << 10; // bytes
constexpr std::uint64_t reserve_step = 64 << 10;

std::string quoted(std::string_view text)
{
    std::string inside;
    for (const char c : clean_text(text)) {
        if (c == '"' || c == '\\') inside += '\\';
        inside += c;
    }
    return '"' + inside + '"';
}

template <class Value, class Text>
std::string list(const std::vector<Value>& values, Text text)
{
    std::string inside;
    for (const Value& value : values) inside += (inside.empty() ? "" : ", ") + text(value);
    return "[" + inside + "]";
}

} // namespace

TakeLogLine& TakeLogLine::text(const char* name, std::string_view value)
{
    return raw(name, quoted(value));
}

TakeLogLine& TakeLogLine::number(const char* name, std::uint64_t value)
{
    return raw(name, std::to_string(value));
}

TakeLogLine& TakeLogLine::milliseconds(const char* name, std::int64_t nanoseconds)
{
    std::array<char, 32> text{}; // no locale's comma
    const auto end = std::to_chars(text.data(), text.data() + text.size(),
                                   static_cast<double>(nanoseconds) / 1e6,
                                   std::chars_format::fixed, 3);
    return raw(name, std::string(text.data(), end.ptr));
}

TakeLogLine& TakeLogLine::texts(const char* name, const std::vector<std::string>& values)
{
    return raw(name, list(values, [](const std::string& value) { return quoted(value); }));
}

TakeLogLine& TakeLogLine::objects(const char* name, const std::vector<TakeLogLine>& values)
{
    return raw(name, list(values, [](const TakeLogLine& value) { return value.done(); }));
}

TakeLogLine& TakeLogLine::raw(const char* name, const std::string& value)
{
    members_ += (members_.empty() ? "" : ", ") + quoted(name) + ": " + value;
    return *this;
}

int TakeLog::open(int folder)
{
    const int number =
        openat(folder, file_name,
               O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (number < 0) return errno;
    file_ = Descriptor(number);
    // Where there are no locks, a take that is being recorded looks like one that was killed.
    static_cast<void>(flock(number, LOCK_EX | LOCK_NB) == 0);
    reserve();
    return 0;
}

void TakeLog::append(const TakeLogLine& line)
{
    if (!file_) return;
    const std::string text = line.done() + "\n";
    ssize_t taken;
    do
        taken = write(file_.get(), text.data(), text.size());
    while (taken < 0 && errno == EINTR);
    if (taken == static_cast<ssize_t>(text.size())) {
        size_ += text.size();
        reserve();
        return;
    }
    note(taken < 0 ? errno : ENOSPC);
    // Half a line would spoil the next one, too.
    if (taken > 0 && ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) note(errno);
}

int TakeLog::close()
{
    if (!file_) return failed_;
    // Gives back what was reserved and not used.
    if (ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) note(errno);
    if (fdatasync(file_.get()) != 0) note(errno);
    if (!file_.close()) note(errno);
    return failed_;
}

bool TakeLog::is_unlinked() const
{
    struct stat facts {};
    return fstat(file_.get(), &facts) == 0 && facts.st_nlink == 0;
}

void TakeLog::reserve()
{
    if (size_ + last_words < reserved_) return;
    reserved_ = size_ + reserve_step;
    // Not every file system can: then a full disk may cost the log's last lines, nothing else.
    static_cast<void>(fallocate(file_.get(), FALLOC_FL_KEEP_SIZE, 0,
                                static_cast<off_t>(reserved_)) == 0);
}

void TakeLog::note(int error)
{
    if (failed_ == 0) failed_ = error;
}

} // namespace asiowire
