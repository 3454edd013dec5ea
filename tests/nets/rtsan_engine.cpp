// SPDX-License-Identifier: MIT
// A short run of the engine, built with RTSan by tests/nets/realtime_sanitizer.py: RTSan ends the
// program when anything below Node::on_process allocates, locks or calls the system.
// Usage: rtsan_engine none|malloc|mutex|write → "blocks N" and exit code 0
#include "pipewire/engine.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace asiowire;

namespace {

constexpr Frames block_frames = 64;
constexpr std::size_t channels = 32;
constexpr std::uint64_t wanted_blocks = 600;
constexpr std::uint64_t planted_at = 100;

enum class Fault { none, heap, lock, system };

struct Host {
    Fault fault = Fault::none;
    HostBuffers buffers;
    std::atomic<std::uint64_t> blocks{0};
    std::mutex mutex;
};

/// What a host must not do; kept from the optimiser, which knows that malloc and free cancel out.
void commit(Host& host)
{
    if (host.fault == Fault::heap) {
        void* volatile memory = std::malloc(100);
        std::free(memory);
    } else if (host.fault == Fault::lock) {
        const std::lock_guard guard(host.mutex);
    } else if (host.fault == Fault::system) {
        static_cast<void>(!write(STDERR_FILENO, "", 0));
    }
}

/// Echoes its inputs.
bool on_block(void* context, const Block& block, HostSpan& span) ASIOWIRE_RT
{
    auto& host = *static_cast<Host*>(context);
    span = {};
    for (std::size_t c = 0; c < channels; c++)
        std::copy_n(host.buffers.input(c, block.half), block_frames,
                    host.buffers.output(c, block.half));
    if (host.blocks == planted_at) commit(host);
    host.blocks.store(host.blocks.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return true;
}

Fault fault_named(std::string_view name)
{
    if (name == "malloc") return Fault::heap;
    if (name == "mutex") return Fault::lock;
    if (name == "write") return Fault::system;
    return Fault::none;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) return 2;
    Host host;
    host.fault = fault_named(argv[1]);
    std::vector<float> memory(4 * channels * block_frames);
    auto* const base = reinterpret_cast<std::byte*>(memory.data());
    constexpr std::uint32_t stride = block_frames * sizeof(float);
    host.buffers = {.inputs = base,
                    .outputs = base + channels * stride,
                    .channel_stride = stride,
                    .half_stride = 2 * channels * stride};

    std::string message;
    auto opened = Engine::open("rtsan", message);
    if (!opened) return std::fprintf(stderr, "%s\n", message.c_str()), 1;
    Engine& engine = **opened;
    if (engine.prepare({.block = block_frames,
                        .input_mask = 0xffff'ffff,
                        .output_mask = 0xffff'ffff,
                        .buffers = host.buffers,
                        .host = &on_block,
                        .host_context = &host,
                        .warm = {}}) != Status::ok)
        return 1;
    std::thread audio([&] { engine.run_loop(); });
    const bool started = engine.start(message) == Status::ok;
    for (int i = 0; started && i < 1000 && host.blocks < wanted_blocks; i++)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    engine.stop();
    audio.join();
    std::printf("blocks %llu\n", static_cast<unsigned long long>(host.blocks));
    return host.blocks >= wanted_blocks ? 0 : 1;
}
