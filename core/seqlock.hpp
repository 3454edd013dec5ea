// SPDX-License-Identifier: MIT
#pragma once

#include "core/rt.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace asiowire {

/// A snapshot of a small struct that one thread writes and any thread reads whole: the writer never
/// waits, a reader that met a writer tries again. (A 16-byte std::atomic is not lock-free here.)
template <class Value> class Seqlock {
    static_assert(std::is_trivially_copyable_v<Value> && sizeof(Value) % 4 == 0);

public:
    /// [audio-thread, the one writer]  wait-free
    void store(const Value& value) ASIOWIRE_RT
    {
        Words words;
        std::memcpy(words.data(), &value, sizeof(Value));
        const std::uint32_t before = sequence_.load(std::memory_order_relaxed);
        sequence_.store(before + 1, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release);
        for (std::size_t i = 0; i < words.size(); i++)
            words_[i].store(words[i], std::memory_order_relaxed);
        sequence_.store(before + 2, std::memory_order_release);
    }

    /// [any-thread]  lock-free; a reader on the audio thread itself never repeats
    Value load() const
    {
        Value value;
        while (!try_load(value, 1)) continue;
        return value;
    }

    /// As load(), but gives up after so many looks: a writer that died in the middle never ends. False:
    /// `value` may be a mixture of two.
    /// [any-thread]  bounded
    bool try_load(Value& value, int looks) const
    {
        Words words;
        bool whole = false;
        for (; looks > 0 && !whole; looks--) {
            const std::uint32_t before = sequence_.load(std::memory_order_acquire);
            for (std::size_t i = 0; i < words.size(); i++)
                words[i] = words_[i].load(std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_acquire);
            whole = before % 2 == 0 && sequence_.load(std::memory_order_relaxed) == before;
        }
        std::memcpy(static_cast<void*>(&value), words.data(), sizeof(Value));
        return whole;
    }

private:
    using Words = std::array<std::uint32_t, sizeof(Value) / 4>;
    std::atomic<std::uint32_t> sequence_{0};
    std::array<std::atomic<std::uint32_t>, sizeof(Value) / 4> words_{};
};

} // namespace asiowire
