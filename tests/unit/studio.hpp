// SPDX-License-Identifier: MIT
#pragma once

#include "taps/recorder.hpp"
#include "tests/unit/fake_disk.hpp"
#include "tests/unit/ring_source.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace asiowire {

/// A ring, its source, a disk, and a recorder between them that looks more often than others do.
struct Studio {
    std::unique_ptr<Ring> ring = small_ring();
    Source source{*ring};
    FakeDisk disk;
    std::unique_ptr<Recorder> recorder;

    explicit Studio(double preroll = 0)
    {
        recorder = std::make_unique<Recorder>(
            *ring, Recorder::Options{.preroll = preroll,
                                     .meters = true,
                                     .pace = std::chrono::milliseconds(2),
                                     .make = disk.maker()});
    }
    void start(std::string name = "take", bool hooks = false)
    {
        TakeSettings settings;
        settings.name = std::move(name);
        settings.hooks = hooks;
        settings.tracks.resize(n_channels);
        recorder->start(std::move(settings));
        settle();
    }
    void stop()
    {
        recorder->stop();
        settle();
    }
    /// Waits for the recorder; with a disk that stands still, in vain.
    void settle() const
    {
        for (int i = 0; i < 2000 && !recorder->settled(); i++)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    /// Waits until the disk thread has looked once more.
    static void breathe() { std::this_thread::sleep_for(std::chrono::milliseconds(60)); }
    /// As much as the ring is sure to take.
    void push(int blocks, std::uint32_t frames = 100)
    {
        for (int i = 0; i < blocks; i++)
            source.push(frames);
    }
    const FakeDisk::Written& take(std::size_t i) const { return *disk.takes.at(i); }
};

} // namespace asiowire
