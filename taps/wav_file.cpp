// SPDX-License-Identifier: MIT
#include "taps/wav_file.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <sys/stat.h>

namespace asiowire {
namespace {

constexpr std::size_t page = WavHeader::page;
/// Writes end where a multiple of this does in the file. The kernel then caches them in large
/// pieces; writes of 1 MiB from any page on cost up to three times the processor time (Linux 6.18,
/// ext4; bench/take_write.cpp).
constexpr std::uint64_t slice = 256 << 10;

} // namespace

WavFile::Buffer::Buffer(std::size_t bytes)
    : memory_(static_cast<std::uint8_t*>(std::aligned_alloc(page, bytes))), size_(bytes)
{
    if (!memory_) throw std::bad_alloc();
}

void WavFile::Buffer::Free::operator()(std::uint8_t* memory) const
{
    std::free(memory);
}

WavFile::WavFile(WavHeader header, Buffer buffer, TakeCounts& counts)
    : header_(std::move(header)), buffer_(std::move(buffer)), counts_(&counts)
{
}

int WavFile::create(int folder, std::string name)
{
    // Under its own name it has a header: nobody ever finds a WAV file that cannot be opened.
    const std::string unborn = "." + name + ".new";
    const int number = openat(folder, unborn.c_str(),
                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (number < 0) return errno;
    file_ = Descriptor(number);
    name_ = std::move(name);
    int failed = write_header();
    if (failed == 0 && renameat(folder, unborn.c_str(), folder, name_.c_str()) != 0) failed = errno;
    if (failed != 0) unlinkat(folder, unborn.c_str(), 0);
    return failed;
}

std::span<std::uint8_t> WavFile::space() const
{
    return {buffer_.get() + fill_, buffer_.size() - fill_};
}

int WavFile::append_zeros(std::uint64_t bytes)
{
    while (true) {
        const auto here = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, space().size()));
        std::memset(space().data(), 0, here);
        commit(here);
        bytes -= here;
        if (bytes == 0) return 0;
        if (const int failed = flush()) return failed;
        if (bytes < buffer_.size()) continue;
        const std::uint64_t end = on_disk_ + bytes;
        if (ftruncate(file_.get(), static_cast<off_t>(header_.size() + end)) != 0) return errno;
        on_disk_ = end;
        offset_ = end / page * page; // more than a page of zeros lies before the end
        fill_ = end % page;
        std::memset(buffer_.get(), 0, fill_);
        return 0;
    }
}

int WavFile::flush()
{
    if (offset_ + fill_ == on_disk_) return 0;
    std::size_t done = 0;
    const int failed = write_at(buffer_.get(), fill_, header_.size() + offset_, done);
    on_disk_ = std::max(on_disk_, offset_ + done);
    if (failed != 0) return failed;
    const std::size_t kept = fill_ % page;
    std::memmove(buffer_.get(), buffer_.get() + (fill_ - kept), kept);
    offset_ += fill_ - kept;
    fill_ = kept;
    return 0;
}

int WavFile::tell(std::uint64_t data)
{
    header_.set_sizes(data, data & 1);
    return write_header();
}

int WavFile::finalise(std::uint64_t data, const RiffBytes& trailer)
{
    const std::uint64_t end = header_.size() + data;
    int failed = ftruncate(file_.get(), static_cast<off_t>(end)) == 0 ? 0 : errno;
    RiffBytes behind;
    behind.zeros(data & 1).append(trailer);
    std::size_t done = 0;
    if (failed == 0) failed = write_at(behind.data(), behind.size(), end, done);
    std::size_t kept = behind.size();
    if (failed != 0) { // half a chunk would be worse than none
        kept = 0;
        static_cast<void>(ftruncate(file_.get(), static_cast<off_t>(end)) == 0);
    }
    header_.set_sizes(data, kept);
    const int header_failed = write_header();
    return failed != 0 ? failed : header_failed;
}

int WavFile::close(bool wait)
{
    const int failed = wait && file_ && fdatasync(file_.get()) != 0 ? errno : 0;
    return file_.close() ? failed : errno;
}

bool WavFile::is_unlinked() const
{
    struct stat facts {};
    return fstat(file_.get(), &facts) == 0 && facts.st_nlink == 0;
}

int WavFile::write_at(const std::uint8_t* bytes, std::size_t size, std::uint64_t at,
                      std::size_t& done)
{
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    int failed = 0;
    for (done = 0; done < size && failed == 0;) {
        const std::uint64_t to = at + done;
        const std::size_t now = std::min<std::uint64_t>(size - done, slice - to % slice);
        const ssize_t taken = pwrite(file_.get(), bytes + done, now, static_cast<off_t>(to));
        if (taken > 0)
            done += static_cast<std::size_t>(taken);
        else if (taken == 0 || errno != EINTR)
            failed = taken == 0 ? EIO : errno;
    }
    const std::chrono::nanoseconds took = Clock::now() - begin;
    counts_->bytes += done;
    counts_->writes++;
    counts_->write_time += took;
    counts_->longest_write = std::max(counts_->longest_write, took);
    return failed;
}

int WavFile::write_header()
{
    std::size_t done = 0;
    return write_at(header_.bytes().data(), header_.size(), 0, done);
}

} // namespace asiowire
