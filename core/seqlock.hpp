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
        Words words;
        for (;;) {
            const std::uint32_t before = sequence_.load(std::memory_order_acquire);
            for (std::size_t i = 0; i < words.size(); i++)
                words[i] = words_[i].load(std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_acquire);
            if (before % 2 == 0 && sequence_.load(std::memory_order_relaxed) == before) break;
        }
        Value value;
        std::memcpy(static_cast<void*>(&value), words.data(), sizeof(Value));
        return value;
    }

private:
    using Words = std::array<std::uint32_t, sizeof(Value) / 4>;
    std::atomic<std::uint32_t> sequence_{0};
    std::array<std::atomic<std::uint32_t>, sizeof(Value) / 4> words_{};
};

} // namespace asiowire
