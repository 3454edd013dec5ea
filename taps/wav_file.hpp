// SPDX-License-Identifier: MIT
#pragma once

#include "taps/descriptor.hpp"
#include "taps/take.hpp"
#include "taps/wav_header.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace asiowire {

/// One WAV file that grows.
///
/// Samples gather in a buffer that lies over the file page by page: what is written begins at a page
/// of the file, and the page that is not full yet stays in the buffer and is written again. Nothing
/// is preallocated: 32 files that each hold space back would fill a small disk early.
/// [disk-thread]
/// Errors   int: an errno, 0 = done
class WavFile {
public:
    /// Page-aligned memory that files hand on when they rotate.
    class Buffer {
    public:
        explicit Buffer(std::size_t bytes);
        std::uint8_t* get() const { return memory_.get(); }
        std::size_t size() const { return size_; }

    private:
        struct Free {
            void operator()(std::uint8_t* memory) const;
        };
        std::unique_ptr<std::uint8_t, Free> memory_;
        std::size_t size_;
    };

    /// Takes nothing yet.
    WavFile(WavHeader header, Buffer buffer, TakeCounts& counts);

    /// Makes the file, which must not be there yet, valid and empty. `folder`: its descriptor.
    int create(int folder, std::string name);

    const std::string& name() const { return name_; }

    /// Where samples may be put; then commit() says how many bytes were. Nearly all of the buffer
    /// after flush().
    std::span<std::uint8_t> space() const;
    void commit(std::size_t bytes) { fill_ += bytes; }

    /// Appends zeros; a long run of them becomes a hole, where the file system has holes.
    int append_zeros(std::uint64_t bytes);

    /// Gives all samples to the file system.
    int flush();

    /// Has the header say that there are `data` bytes of samples. They must be flushed.
    int tell(std::uint64_t data);

    /// Makes a file of `data` bytes of samples and then `trailer`; what lies beyond is cut off.
    /// A trailer that finds no room is left out, and its errno given back: the file is valid.
    int finalise(std::uint64_t data, const RiffBytes& trailer);

    /// `wait`: until the disk has everything.
    int close(bool wait);

    std::uint64_t on_disk() const { return on_disk_; } ///< bytes of samples
    bool is_unlinked() const;                          ///< somebody has removed the file
    Buffer take_buffer() { return std::move(buffer_); }

private:
    int write_at(const std::uint8_t* bytes, std::size_t size, std::uint64_t at, std::size_t& done);
    int write_header();

    WavHeader header_;
    Buffer buffer_;
    TakeCounts* counts_;
    std::string name_;
    Descriptor file_;
    std::uint64_t offset_ = 0;  // of the buffer's first byte among the samples; whole pages
    std::size_t fill_ = 0;      // bytes in the buffer
    std::uint64_t on_disk_ = 0; // bytes of samples that the file system has
};

} // namespace asiowire
