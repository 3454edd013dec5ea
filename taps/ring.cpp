// SPDX-License-Identifier: MIT
// The ring's memory and its readers; never on the audio thread.

#include "taps/ring.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <new>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace asiowire {

namespace {

constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t shortest_cycle = 16;  // frames; shorter ones take more headers
constexpr std::uint64_t longest_cycle = 8192; // one of them may be lost at the end of the memory

std::uint64_t data_bytes_for(const Ring::Shape& shape)
{
    const std::uint64_t channels = shape.channels.size();
    const auto frames = static_cast<std::uint64_t>(std::ceil(shape.seconds * shape.rate));
    const std::uint64_t bytes =
        (frames / shortest_cycle + 1) * ring_block_bytes(channels, shortest_cycle) +
        ring_block_bytes(channels, longest_cycle);
    return (bytes + page_bytes - 1) / page_bytes * page_bytes;
}

/// What can be had without anybody suffering. The kernel itself gives a memfd all there is, and
/// then kills programs to give more.
std::uint64_t memory_to_spare()
{
    std::ifstream file("/proc/meminfo");
    std::uint64_t kilobytes = 0;
    for (std::string word; file >> word;)
        if (word == "MemAvailable:" && file >> kilobytes) break;
    return kilobytes * 1024 / 2;
}

std::string refused(const Ring::Shape& shape, std::uint64_t bytes, int error)
{
    return "no memory for the recording ring (" + std::to_string(bytes >> 20) + " MB for " +
           std::to_string(shape.channels.size()) + " channels): " + std::strerror(error);
}

} // namespace

RingMemory::~RingMemory()
{
    if (memory_ != nullptr) munmap(memory_, bytes_);
}

RingMemory::RingMemory(RingMemory&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), bytes_(other.bytes_)
{}

RingMemory& RingMemory::operator=(RingMemory&& other) noexcept
{
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
    return *this;
}

std::expected<std::unique_ptr<Ring>, std::string> Ring::create(const Shape& shape)
{
    if (shape.channels.empty() || shape.channels.size() > ring_max_channels)
        return std::unexpected("a recording ring has 1…" + std::to_string(ring_max_channels) +
                               " channels");
    const std::uint64_t data_bytes = data_bytes_for(shape);
    const std::uint64_t bytes = page_bytes + data_bytes;
    if (bytes > memory_to_spare()) return std::unexpected(refused(shape, bytes, ENOMEM));
    std::unique_ptr<Ring> ring(new Ring);
    ring->file_ = memfd_create("asiowire-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (ring->file_ < 0) return std::unexpected(refused(shape, bytes, errno));
    // Taken now, or a machine without memory would show as SIGBUS on the audio thread.
    if (const int error = posix_fallocate(ring->file_, 0, static_cast<off_t>(bytes)); error != 0)
        return std::unexpected(refused(shape, bytes, error));
    void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring->file_, 0);
    if (memory == MAP_FAILED) return std::unexpected(refused(shape, bytes, errno));
    ring->memory_ = RingMemory(memory, bytes);
    // From here on nobody else can write to it, or make it shorter under a reader.
    constexpr int seal_future_write = 0x0010; // F_SEAL_FUTURE_WRITE, Linux 5.1
    static_cast<void>(fcntl(ring->file_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
    static_cast<void>(fcntl(ring->file_, F_ADD_SEALS, seal_future_write));
    static_cast<void>(madvise(memory, bytes, MADV_DONTDUMP));
    ring->locked_ = mlock(memory, bytes) == 0;
    std::memset(memory, 0, bytes);

    RingHeader& header = *new (memory) RingHeader;
    header.header_bytes = page_bytes;
    header.data_bytes = data_bytes;
    header.channels = static_cast<std::uint32_t>(shape.channels.size());
    header.pid = static_cast<std::uint32_t>(getpid());
    std::ranges::copy(shape.channels, header.map.begin());
    header.magic.store(RingHeader::right_magic, std::memory_order_release);
    ring->header_ = &header;
    ring->data_ = ring->memory_.begin() + page_bytes;
    ring->data_bytes_ = data_bytes;
    ring->channels_ = header.channels;
    return ring;
}

Ring::~Ring()
{
    if (header_ != nullptr) header_->ended.store(1, std::memory_order_release);
    if (file_ >= 0) close(file_);
}

RingReader::RingReader(Ring& ring) : ring_(ring), read_(ring.header_->written.load())
{
    ring.header_->keep.store(read_);
}

RingReader::~RingReader()
{
    ring_.header_->keep.store(RingHeader::nobody, std::memory_order_release);
}

/// The block at a position, or behind the pad that lies there.
const RingBlock* RingReader::at(std::uint64_t position) const
{
    if (position == ring_.header_->written.load(std::memory_order_acquire)) return nullptr;
    const auto* const block =
        reinterpret_cast<const RingBlock*>(ring_.data_ + position % ring_.data_bytes_);
    return (block->flags & ring_pad) != 0 ? at(position + block->bytes) : block;
}

const RingBlock* RingReader::front()
{
    return at(read_);
}

const RingBlock* RingReader::next(const RingBlock& behind) const
{
    return at(behind.at + behind.bytes);
}

void RingReader::pop()
{
    const RingBlock* const oldest = at(read_);
    if (oldest == nullptr) return;
    read_ = oldest->at + oldest->bytes;
    ring_.header_->keep.store(read_, std::memory_order_release);
}

double RingReader::fill() const
{
    const std::uint64_t keep = ring_.header_->keep.load(std::memory_order_acquire);
    const std::uint64_t written = ring_.header_->written.load(std::memory_order_acquire);
    return static_cast<double>(written - keep) / static_cast<double>(ring_.data_bytes_);
}

} // namespace asiowire
