// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/connection.hpp"
#include "pipewire/handles.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace engine_test {

/// A node under the same driver as ours that makes the driver's clock jump, as a device does that has
/// lost frames: the clock lies in memory that all nodes of a driver share, and the driver counts on from
/// what stands there.
class ClockMeddler {
public:
    ClockMeddler()
    {
        static const pw_filter_events events = [] {
            pw_filter_events table{};
            table.version = PW_VERSION_FILTER_EVENTS;
            table.process = [](void* self, spa_io_position* position) {
                static_cast<ClockMeddler*>(self)->meddle(position->clock);
            };
            return table;
        }();
        std::string why;
        auto connection = asiowire::Connection::open("clock meddler", why);
        if (!connection) return;
        connection_ = std::move(*connection);
        connection_->audio_thread().expect();
        thread_ = std::thread([this] { connection_->audio_thread().lend(); });
        static_cast<void>(connection_->audio_thread().start());
        const asiowire::LoopLock lock(connection_->loop());
        filter_.reset(pw_filter_new(
            connection_->core(), "clock-meddler",
            pw_properties_new(PW_KEY_NODE_NAME, "clock-meddler", PW_KEY_NODE_ALWAYS_PROCESS, "true",
                              PW_KEY_NODE_GROUP, "group.dsp.0", nullptr)));
        pw_filter_add_listener(filter_.get(), hook_.get(), &events, this);
        pw_filter_connect(filter_.get(), PW_FILTER_FLAG_RT_PROCESS, nullptr, 0);
    }
    ~ClockMeddler()
    {
        if (!connection_) return;
        {
            const asiowire::LoopLock lock(connection_->loop());
            hook_.remove();
            filter_.reset();
        }
        connection_->audio_thread().stop();
        thread_.join();
    }
    ClockMeddler(const ClockMeddler&) = delete;
    ClockMeddler& operator=(const ClockMeddler&) = delete;

    /// Lets the clock jump once; false when the graph does not come to it in a second.
    bool jump(std::uint64_t frames)
    {
        frames_ = frames;
        for (int i = 0; i < 1000 && frames_ != 0; i++)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return frames_ == 0;
    }

private:
    void meddle(spa_io_clock& clock) { clock.position += frames_.exchange(0); }

    std::unique_ptr<asiowire::Connection> connection_;
    std::thread thread_;
    std::atomic<std::uint64_t> frames_{0};
    asiowire::Filter filter_;
    asiowire::Hook hook_;
};

} // namespace engine_test
