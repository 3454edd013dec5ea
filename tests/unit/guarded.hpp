// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <sys/mman.h>
#include <utility>

namespace guarded {

/// Memory that ends `off` bytes before a forbidden page: what is written into those bytes or into
/// the ones before the block is found, what goes further crashes.
class Block {
public:
    static constexpr unsigned char fill = 0xa5;

    Block(std::size_t size, std::size_t off) : size_(size), off_(off)
    {
        const std::size_t usable = (size + off + margin + page - 1) / page * page;
        mapped_ = usable + page;
        void* memory = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) std::abort();
        base_ = static_cast<unsigned char*>(memory);
        if (mprotect(base_ + usable, page, PROT_NONE) != 0) std::abort();
        std::fill_n(base_, usable, fill);
        data_ = base_ + usable - off - size;
    }
    Block(Block&& other) noexcept
        : size_(other.size_), off_(other.off_), mapped_(other.mapped_),
          base_(std::exchange(other.base_, nullptr)), data_(other.data_)
    {
    }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
    ~Block()
    {
        if (base_ != nullptr) munmap(base_, mapped_);
    }

    unsigned char* data() const { return data_; }

    bool untouched_around() const
    {
        const auto is_fill = [](unsigned char byte) { return byte == fill; };
        return std::all_of(data_ - margin, data_, is_fill) &&
               std::all_of(data_ + size_, data_ + size_ + off_, is_fill);
    }

private:
    static constexpr std::size_t page = 4096;
    static constexpr std::size_t margin = 64;

    std::size_t size_, off_, mapped_ = 0;
    unsigned char* base_ = nullptr;
    unsigned char* data_ = nullptr;
};

} // namespace guarded
