// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/connection.hpp"
#include "pipewire/handles.hpp"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace engine_test {

/// A pw_filter with a connection and an audio thread of its own, made the way the driver makes its.
/// [any-thread]  construction and destruction, which lock the loop; `process` is called on the audio
///               thread, in every cycle in between
class BorrowedFilter {
public:
    /// Makes a filter called `name` of `properties`, which it takes, and has `connect` give it
    /// ports and connect it.
    BorrowedFilter(const char* name, pw_properties* properties,
                   const std::function<void(pw_filter*)>& connect,
                   std::function<void(spa_io_position*)> process)
        : process_(std::move(process))
    {
        static const pw_filter_events events = [] {
            pw_filter_events table{};
            table.version = PW_VERSION_FILTER_EVENTS;
            table.process = [](void* self, spa_io_position* position) {
                static_cast<BorrowedFilter*>(self)->process_(position);
            };
            return table;
        }();
        std::string why;
        auto connection = asiowire::Connection::open(name, why);
        if (!connection) {
            pw_properties_free(properties);
            return;
        }
        connection_ = std::move(*connection);
        connection_->audio_thread().expect();
        thread_ = std::thread([this] { connection_->audio_thread().lend(); });
        static_cast<void>(connection_->audio_thread().start());
        const asiowire::LoopLock lock(connection_->loop());
        filter_.reset(pw_filter_new(connection_->core(), name, properties));
        pw_filter_add_listener(filter_.get(), hook_.get(), &events, this);
        connect(filter_.get());
        connection_->round_trip();
    }
    ~BorrowedFilter()
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
    BorrowedFilter(const BorrowedFilter&) = delete;
    BorrowedFilter& operator=(const BorrowedFilter&) = delete;

    /// Null when there is no PipeWire to connect to.
    pw_filter* get() const { return filter_.get(); }

private:
    std::function<void(spa_io_position*)> process_;
    std::unique_ptr<asiowire::Connection> connection_;
    std::thread thread_;
    asiowire::Filter filter_;
    asiowire::Hook hook_;
};

} // namespace engine_test
