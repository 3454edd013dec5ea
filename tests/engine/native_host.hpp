// SPDX-License-Identifier: MIT
#pragma once

#include "core/ticks.hpp"
#include "pipewire/engine.hpp"
#include "tests/engine/fairness.hpp"

#include <atomic>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <new>
#include <sched.h>
#include <string>
#include <thread>

namespace engine_test {

using asiowire::Block;
using asiowire::Engine;
using asiowire::Frames;
using asiowire::Status;
using std::chrono::milliseconds;

/// What frame `frame` of device channel `channel` carries: never 0, exact in float32, and its
/// channel and its frame (modulo 262,000) can be read back.
inline float sample(std::uint64_t frame, std::size_t channel)
{
    return static_cast<float>(frame % 262'000 * 64 + channel + 1);
}

/// What one device channel has heard of its own output.
struct Ear {
    std::int64_t round_trip = -1; // frames, from the first sample heard
    std::uint64_t compared = 0;
    std::uint64_t wrong = 0;

    void hear(std::uint64_t frame, std::size_t channel, float value)
    {
        if (round_trip < 0) {
            if (value == 0.0f) return; // the loop is not closed yet
            const auto code = static_cast<std::uint64_t>(value) - 1;
            round_trip = static_cast<std::int64_t>((frame + 262'000 - code / 64) % 262'000);
        }
        compared++;
        wrong += value != sample(frame - static_cast<std::uint64_t>(round_trip), channel);
    }
};

/// A host without Wine: plays the counter on its outputs, listens on its inputs, and lends a thread
/// of its own to the graph. `Engine::HostCall` is a plain function here.
class Host {
public:
    struct Shape {
        Frames block = 256;
        std::uint64_t inputs = 0xffff'ffff; // masks of device channels
        std::uint64_t outputs = 0xffff'ffff;
    };
    /// Called with every block, before it is played. False: the host is gone.
    using Hook = bool (*)(Host& host, const Block& block);

    Host(Engine& engine, const Shape& shape) : engine_(engine), shape_(shape)
    {
        const auto inputs = static_cast<std::size_t>(std::popcount(shape.inputs));
        const auto outputs = static_cast<std::size_t>(std::popcount(shape.outputs));
        const std::size_t stride = shape.block * sizeof(float);
        memory_.resize(2 * (inputs + outputs) * shape.block + 1); // never null
        auto* const base = reinterpret_cast<std::byte*>(memory_.data());
        buffers_ = {.inputs = base,
                    .outputs = base + inputs * stride,
                    .channel_stride = static_cast<std::uint32_t>(stride),
                    .half_stride = static_cast<std::uint32_t>((inputs + outputs) * stride)};
    }
    ~Host() { stop(); }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    Status start()
    {
        const Status prepared = engine_.prepare({.block = shape_.block,
                                                 .input_mask = shape_.inputs,
                                                 .output_mask = shape_.outputs,
                                                 .buffers = buffers_,
                                                 .host = &Host::take,
                                                 .host_context = this,
                                                 .warm = {}});
        if (prepared != Status::ok) return prepared;
        thread_ = std::thread([this] {
            engine_.run_loop();
            if (leaving) engine_.clear_up(); // as the door does
        });
        if (engine_.settings().schedule == asiowire::Schedule::buffered)
            host_thread_ = std::thread([this] {
                engine_.become_host_thread();
                if (elsewhere) leave_the_graph_its_processor();
                Block next;
                while (engine_.await_block(next))
                    block(next);
            });
        const Status started = engine_.start(message);
        if (started != Status::ok) stop();
        return started;
    }

    void stop()
    {
        engine_.stop();
        if (thread_.joinable()) {
            const Engine::Status status = engine_.status(0);
            machine_lateness += status.gaps + status.overruns;
        }
        join();
    }

    void join()
    {
        if (thread_.joinable()) thread_.join();
        if (host_thread_.joinable()) host_thread_.join();
    }

    /// Leaves the thread to itself, for hosts whose call never returns; the host must then stay.
    void detach() { thread_.detach(); }

    /// Waits until so many blocks have passed; false when they do not come in time.
    bool wait_for_blocks(std::uint64_t count, milliseconds patience = milliseconds(5000)) const
    {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (blocks < count) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::sleep_for(milliseconds(1));
        }
        return true;
    }

    Engine& engine() { return engine_; }

    /// The position of the latest block; read while nothing runs.
    std::uint64_t last_position() const { return next_position_ - shape_.block; }

    /// What the ears have heard together: the round trip when all agree on one, −1 when not.
    Ear heard() const
    {
        Ear all;
        bool first = true;
        for (std::uint32_t c = 0; c < 64; c++) {
            if ((shape_.inputs >> c & 1) == 0) continue;
            all.compared += ears[c].compared;
            all.wrong += ears[c].wrong;
            if (first) all.round_trip = ears[c].round_trip;
            if (all.round_trip != ears[c].round_trip) all.round_trip = -1;
            first = false;
        }
        return all;
    }

    Hook hook = nullptr;
    bool elsewhere = false; // buffered schedule: not on the graph's processor
    std::string message;
    std::atomic<std::uint64_t> blocks{0};
    std::atomic<bool> listen_anew{false}; // forget the round trip, from the next block on
    std::atomic<std::uint64_t> sounding{0}; // blocks in a row in which every input went on exactly
    bool leaving = false;                 // the hook said so with Engine::leave()
    std::array<Ear, 64> ears;             // by device channel; read while nothing runs
    std::uint64_t jumps = 0;              // positions that are not one block after the one before

private:
    static bool take(void* self, const Block& block, asiowire::HostSpan& span) ASIOWIRE_RT
    {
        span.enter = asiowire::ticks();
        const bool stays = static_cast<Host*>(self)->block(block);
        span.leave = asiowire::ticks();
        return stays;
    }

    bool block(const Block& block)
    {
        jumps += block.position != next_position_;
        next_position_ = block.position + shape_.block;
        if (hook != nullptr && !hook(*this, block)) return false;
        if (listen_anew.exchange(false)) ears = {};
        std::size_t rank = 0;
        bool sounds = true;
        for (std::uint32_t c = 0; c < 64; c++) {
            if ((shape_.inputs >> c & 1) == 0) continue;
            const auto* const in =
                reinterpret_cast<const float*>(buffers_.input(rank++, block.half));
            for (Frames i = 0; i < shape_.block; i++)
                ears[c].hear(frame_ + i, c, in[i]);
            sounds &= in[0] != 0.0f && in[shape_.block - 1] - in[0] == 64.0f * (shape_.block - 1);
        }
        sounding = sounds ? sounding + 1 : 0;
        rank = 0;
        for (std::uint32_t c = 0; c < 64; c++) {
            if ((shape_.outputs >> c & 1) == 0) continue;
            auto* const out = reinterpret_cast<float*>(buffers_.output(rank++, block.half));
            for (Frames i = 0; i < shape_.block; i++)
                out[i] = sample(frame_ + i, c);
        }
        frame_ += shape_.block;
        blocks++;
        return true;
    }

    /// The rig pins the daemon below our priorities: a busy host there would stop the graph's clock.
    static void leave_the_graph_its_processor()
    {
        cpu_set_t all;
        CPU_ZERO(&all);
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) CPU_SET(cpu, &all);
        sched_setaffinity(0, sizeof all, &all);
    }

    Engine& engine_;
    const Shape shape_;
    std::vector<float> memory_; // [half][inputs, then outputs][frame]
    asiowire::HostBuffers buffers_;
    std::uint64_t frame_ = 0;
    std::uint64_t next_position_ = 0;
    std::thread thread_;
    std::thread host_thread_; // buffered schedule: where the host computes
};

/// Names the devices that engines opened from now on shall use; null: not named.
inline void use_devices(const char* playback, const char* capture)
{
    playback == nullptr ? unsetenv("ASIOWIRE_PLAYBACK") : setenv("ASIOWIRE_PLAYBACK", playback, 1);
    capture == nullptr ? unsetenv("ASIOWIRE_CAPTURE") : setenv("ASIOWIRE_CAPTURE", capture, 1);
}

/// An engine, or null and the status.
inline std::unique_ptr<Engine> open_engine(std::string& message, Status* status = nullptr)
{
    auto engine = Engine::open("engine-test", message);
    if (status != nullptr) *status = engine ? Status::ok : engine.error();
    return engine ? std::move(*engine) : nullptr;
}

} // namespace engine_test
