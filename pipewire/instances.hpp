// SPDX-License-Identifier: MIT
#pragma once

#include "core/rt.hpp"
#include "pipewire/engine.hpp"
#include "wine/abi.h"
#include "wine/unix/door.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <pthread.h>
#include <thread>

namespace asiowire {

/// What stands behind one token.
struct Instance {
    std::uint64_t token = 0;
    std::unique_ptr<Engine> engine;
    std::unique_ptr<Door> door; // one per audio thread: from prepare on
    abi::RunParams* run = nullptr;
    std::atomic<pthread_t> audio_thread{}; // the Windows thread that calls run
    std::jthread loop_thread; // buffered schedule: the graph's, which is not the host's then

    bool buffered() const { return engine->settings().schedule == Schedule::buffered; }
    bool on_audio_thread() const { return pthread_equal(audio_thread, pthread_self()) != 0; }
};

/// Tokens instead of pointers: a stale or invented one finds nothing.
class Instances {
public:
    std::uint64_t add(std::unique_ptr<Instance> instance)
    {
        for (std::size_t i = 0; i < slots_.size(); i++) {
            Instance* expected = nullptr;
            instance->token = (++serial_ << 8) | i;
            if (!slots_[i].compare_exchange_strong(expected, instance.get())) continue;
            return instance.release()->token;
        }
        return 0;
    }

    /// [any-thread]  wait-free; the caller keeps to the contract that close comes last
    Instance* find(std::uint64_t token) const ASIOWIRE_RT
    {
        Instance* instance = slots_[token % slots_.size()].load(std::memory_order_acquire);
        return instance != nullptr && instance->token == token ? instance : nullptr;
    }

    const void* slot(std::uint64_t token) const { return &slots_[token % slots_.size()]; }

    std::unique_ptr<Instance> take(std::uint64_t token)
    {
        Instance* instance = find(token);
        if (instance != nullptr) slots_[token % slots_.size()] = nullptr;
        return std::unique_ptr<Instance>(instance);
    }

private:
    std::array<std::atomic<Instance*>, 256> slots_{};
    std::atomic<std::uint64_t> serial_{0};
};

} // namespace asiowire
