// SPDX-License-Identifier: MIT
#pragma once

#include "wine/unix/semaphore.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace asiowire {

/// A native thread that looks after something once in a while: what the audio thread must not do and
/// the host's threads, which may be anywhere, cannot be trusted with.
class Caretaker {
public:
    /// [any-thread]  `round` is called every `pace` on the new thread
    Caretaker(std::chrono::milliseconds pace, std::function<void()> round);

    /// Waits for the round under way.
    /// [any-thread but its own]
    ~Caretaker();
    Caretaker(const Caretaker&) = delete;
    Caretaker& operator=(const Caretaker&) = delete;

private:
    std::atomic<bool> over_{false};
    Semaphore wake_;
    std::thread thread_;
};

} // namespace asiowire
