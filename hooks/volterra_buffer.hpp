// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace asiowire {

/// Values on a cache line of their own, zero at first, of a size that never changes.
///
/// [any-thread]
/// Source   FFTW runs a plan on other arrays only where they lie as well aligned as the plan's own
template <class T> class VolterraBuffer {
public:
    static constexpr std::size_t alignment = 64;

    VolterraBuffer() = default;
    explicit VolterraBuffer(std::size_t size)
        : values_(new (std::align_val_t(alignment)) T[size]()), size_(size)
    {}

    T* data() { return values_.get(); }
    const T* data() const { return values_.get(); }
    std::size_t size() const { return size_; }
    std::size_t bytes() const { return size_ * sizeof(T); }
    T& operator[](std::size_t index) { return values_[index]; }
    const T& operator[](std::size_t index) const { return values_[index]; }
    void clear()
    {
        if (size_ != 0) std::memset(values_.get(), 0, bytes());
    }

private:
    struct Deleter {
        void operator()(T* values) const { operator delete[](values, std::align_val_t(alignment)); }
    };
    std::unique_ptr<T[], Deleter> values_;
    std::size_t size_ = 0;
};

/// The latest samples of a signal in one piece, moved to the front only when the end is reached.
///
/// [one thread]  append is O(frames), and O(past) once in `room` frames
template <class T> class VolterraHistory {
public:
    VolterraHistory() = default;
    /// `past` samples before the newest piece can be read; a piece has at most `room` samples.
    VolterraHistory(std::size_t past, std::size_t room)
        : past_(past), values_(past + (room > past ? room : past) + room), end_(past)
    {}

    /// Where the next `frames` samples belong; what lies before them is the past.
    T* append(std::size_t frames)
    {
        if (end_ + frames > values_.size()) {
            std::memmove(values_.data(), values_.data() + end_ - past_, past_ * sizeof(T));
            end_ = past_;
        }
        T* piece = values_.data() + end_;
        end_ += frames;
        return piece;
    }
    std::size_t bytes() const { return values_.bytes(); }
    void clear()
    {
        values_.clear();
        end_ = past_;
    }

private:
    std::size_t past_ = 0;
    VolterraBuffer<T> values_;
    std::size_t end_ = 0;
};

} // namespace asiowire
