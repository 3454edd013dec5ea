// SPDX-License-Identifier: MIT
#pragma once

#include "taps/take_sink.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace asiowire {

/// A disk that a test holds in its hand: takes lie in memory, writing stands still or fails when
/// told.
class FakeDisk {
public:
    struct Written {
        TakeSettings settings;
        std::vector<float> first;  // channel's samples, silence included
        std::vector<float> second; // of the next channel
        TakeCounts counts;
        std::vector<std::pair<std::uint64_t, std::string>> marks; // xruns: "xrun"; renames: "=NAME"
        std::vector<std::string> remarks;
        bool finished = false;
    };
    std::vector<std::shared_ptr<Written>> takes; // [recorder at rest]

    void stand_still(bool still)
    {
        const std::lock_guard guard(mutex_);
        still_ = still;
        moves_.notify_all();
    }
    void fail_from_now_on(std::string why)
    {
        const std::lock_guard guard(mutex_);
        why_ = std::move(why);
    }

    TakeMaker maker()
    {
        return
            [this](TakeSettings settings) -> std::expected<std::unique_ptr<TakeSink>, std::string> {
                if (const auto well = access(); !well) return std::unexpected(well.error());
                takes.push_back(std::make_shared<Written>());
                takes.back()->settings = std::move(settings);
                return std::make_unique<Sink>(*this, takes.back());
            };
    }

private:
    TakeSink::Outcome access()
    {
        std::unique_lock lock(mutex_);
        moves_.wait(lock, [this] { return !still_; });
        if (!why_.empty()) return std::unexpected(why_);
        return {};
    }

    class Sink final : public TakeSink {
    public:
        Sink(FakeDisk& disk, std::shared_ptr<Written> take) : disk_(disk), take_(std::move(take)) {}
        Outcome write(std::span<const TakeBlock> blocks) override
        {
            if (Outcome well = disk_.access(); !well) return well;
            for (const auto& [channels, frames] : blocks) {
                take_->first.insert(take_->first.end(), channels[0], channels[0] + frames);
                take_->second.insert(take_->second.end(), channels[1], channels[1] + frames);
                take_->counts.frames += frames;
            }
            return {};
        }
        Outcome silence(std::uint64_t frames) override
        {
            if (Outcome well = disk_.access(); !well) return well;
            take_->first.resize(take_->first.size() + frames);
            take_->second.resize(take_->second.size() + frames);
            take_->counts.frames += frames;
            take_->counts.gap_frames += frames;
            take_->counts.gaps++;
            return {};
        }
        void mark(std::uint64_t frame, std::string_view text) override
        {
            take_->marks.emplace_back(frame, text);
            take_->counts.marks++;
        }
        void graph_xrun(std::uint64_t frame) override
        {
            take_->marks.emplace_back(frame, "xrun");
            take_->counts.xruns++;
        }
        void track_renamed(std::uint64_t frame, std::size_t, std::string_view name) override
        {
            take_->marks.emplace_back(frame, "=" + std::string(name));
        }
        void remark(std::string_view text) override { take_->remarks.emplace_back(text); }
        Outcome finish() override
        {
            take_->finished = true;
            return disk_.access();
        }
        std::filesystem::path folder() const override { return "/takes/" + take_->settings.name; }
        TakeCounts counts() const override { return take_->counts; }
        std::uint64_t free_bytes() const override { return 1'000'000; }

    private:
        FakeDisk& disk_;
        std::shared_ptr<Written> take_;
    };

    std::mutex mutex_;
    std::condition_variable moves_;
    bool still_ = false;
    std::string why_;
};

} // namespace asiowire
