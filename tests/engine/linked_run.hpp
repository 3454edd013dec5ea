// SPDX-License-Identifier: MIT
#pragma once

#include "tests/engine/native_host.hpp"
#include "tests/engine/patchbay.hpp"

namespace engine_test {

inline constexpr std::uint64_t two = 0x3; // channels, as masks
inline constexpr std::uint64_t eight = 0xff;
inline constexpr std::uint64_t all_32 = 0xffff'ffff;

inline const std::string ours = "engine-test:";

/// A run of the application, from opening the driver to its end.
struct Run {
    std::string message;
    std::unique_ptr<Engine> engine;
    std::unique_ptr<Host> host;
    bool good = false;

    explicit Run(std::uint64_t channels = two, const char* device = "sink-8")
    {
        use_devices(device, device);
        engine = open_engine(message);
        use_devices(nullptr, nullptr);
        if (!engine) return;
        host = std::make_unique<Host>(
            *engine, Host::Shape{.block = 256, .inputs = channels, .outputs = channels});
        good = host->start() == Status::ok && host->wait_for_blocks(8);
    }
    /// So much that whatever was going to happen has happened.
    void go_on(std::uint64_t blocks = 60) const { host->wait_for_blocks(host->blocks + blocks); }
};

} // namespace engine_test
