// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <thread>

namespace engine_test {

inline int entries_of(const char* folder)
{
    int count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) count++;
    return count;
}

/// What this process holds.
struct Resources {
    int threads = entries_of("/proc/self/task");
    int descriptors = entries_of("/proc/self/fd");
    bool operator==(const Resources&) const = default;

    /// What is held once the daemon's last news of a node that has gone have been read.
    static Resources settled()
    {
        Resources now;
        for (int same = 0; same < 5;) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            const Resources next;
            same = next == now ? same + 1 : 0;
            now = next;
        }
        return now;
    }
};

} // namespace engine_test
