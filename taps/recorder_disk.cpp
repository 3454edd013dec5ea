// SPDX-License-Identifier: MIT
// The disk thread: what is asked for, and takes.

#include "taps/recorder.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <pthread.h>
#include <utility>

namespace asiowire {

namespace {

constexpr int writes_between_news = 32; // of a backlog
constexpr unsigned looks_per_question = 20; // about the room on the disk, which is a system call

/// When a block was heard, on the calendar's clock.
std::chrono::system_clock::time_point heard(const RingBlock& block)
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const auto now_ns = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
    const std::chrono::nanoseconds ago(now_ns - static_cast<std::int64_t>(block.clock_ns));
    return std::chrono::system_clock::now() -
           std::chrono::duration_cast<std::chrono::system_clock::duration>(ago);
}

} // namespace

void Recorder::run()
{
    pthread_setname_np(pthread_self(), "asiowire-disk");
    while (!over_) {
        round();
        std::this_thread::sleep_for(options_.pace);
    }
    round();
    end(true);
    publish();
}

void Recorder::round()
{
    for (int writes = 0;;) {
        look();
        if (!commands_.empty() && due(commands_.front())) {
            obey(commands_.front());
            commands_.pop_front();
            publish();
            n_obeyed_++;
            continue;
        }
        const RingBlock* const block = wanted_ ? reader_.front() : nullptr;
        if (block == nullptr || block->at >= until_) break;
        own_.fill_highest = std::max(own_.fill_highest, reader_.fill());
        gather(*block);
        record();
        for (std::size_t i = 0; i < together_.size(); i++) reader_.pop();
        if (++writes % writes_between_news == 0) publish();
    }
    if (!wanted_) keep_preroll(until_);
    publish();
}

/// Nothing that is pushed after this look is taken before the next one, which sees what was asked for
/// before it was pushed.
void Recorder::look()
{
    const std::lock_guard guard(mutex_);
    std::ranges::move(posted_, std::back_inserter(commands_));
    posted_.clear();
    until_ = ring_.header().written.load(std::memory_order_acquire);
}

/// A command waits until everything that was pushed before it is written.
bool Recorder::due(const Command& command)
{
    if (!wanted_) return true;
    const RingBlock* const block = reader_.front();
    return block == nullptr || block->at >= command.at;
}

void Recorder::obey(Command& command)
{
    switch (command.kind) {
    case Command::Kind::start:
        end(false);
        keep_preroll(command.at);
        settings_ = std::move(command.settings);
        wanted_ = true;
        own_.state = RecorderStatus::State::waiting;
        own_.message.clear();
        newest_ = nullptr;
        held_ = 0;
        break;
    case Command::Kind::stop:
        end(true);
        wanted_ = false;
        if (own_.state != RecorderStatus::State::failed) own_.state = RecorderStatus::State::idle;
        break;
    case Command::Kind::interrupt:
        end(true);
        if (wanted_) own_.state = RecorderStatus::State::waiting;
        forget_preroll(command.at);
        break;
    case Command::Kind::mark:
        if (take_) take_->mark(take_->counts().frames, command.text);
        break;
    case Command::Kind::rename:
        if (command.track >= settings_.tracks.size()) break;
        settings_.tracks[command.track].name = command.text;
        if (take_) take_->track_renamed(take_->counts().frames, command.track, command.text);
        break;
    case Command::Kind::remark:
        if (take_) take_->remark(command.text);
        break;
    }
}

bool Recorder::begin(const RingBlock& first)
{
    TakeSettings settings = settings_;
    settings.rate = first.rate;
    settings.rotation = static_cast<std::uint64_t>(std::llround(options_.rotation * first.rate));
    settings.started = heard(first);
    const bool hooks = settings.hooks;
    auto take = options_.make(std::move(settings));
    if (!take) {
        fail(take.error());
        return false;
    }
    take_ = std::move(*take);
    own_.state = RecorderStatus::State::recording;
    own_.folder = take_->folder().string();
    own_.rate = first.rate;
    own_.counts = {};
    own_.free_bytes = take_->free_bytes();
    own_.takes++;
    const bool told = takes_.begin(own_.folder, first.rate, first.position, hooks);
    options_.tell(false, "recording " + own_.folder);
    if (hooks && !told) {
        const std::string lost = "what hooks find is not written into the take: its path has more "
                                 "than " + std::to_string(RingTake::most_path - 1) + " bytes";
        take_->remark(lost);
        options_.tell(true, lost);
    }
    return true;
}

/// Writes the gathered blocks.
void Recorder::record()
{
    const RingBlock& block = *together_.front();
    seen_dropped_ += block.dropped;
    if (take_ && block.rate != own_.rate) {
        take_->remark("the graph's rate changed to " + std::to_string(block.rate) +
                      " Hz; a new take goes on");
        end(false);
    }
    TakeSink::Outcome outcome;
    if (take_ == nullptr) {
        if (!begin(block)) return;
    } else if (block.dropped > 0) {
        outcome = take_->silence(block.dropped);
    }
    if (outcome && own_.counts.frames > 0 && (block.flags & (ring_gap | ring_xrun)) != 0) {
        take_->graph_xrun(take_->counts().frames);
        if (block.missed > 0)
            take_->remark("the graph's clock ran on without us for " +
                          std::to_string(block.missed) + " frames, which are not in the files");
    }
    std::uint64_t frame = take_->counts().frames;
    if (outcome) outcome = take_->write(planes());
    for (const RingBlock* written : together_) {
        if (outcome) takes_.add(*written, frame);
        frame += written->frames;
        if (options_.meters) meter(*written);
    }
    own_.counts = take_->counts();
    if (!outcome) fail(outcome.error());
}

/// Finishes the take if there is one. `trailing`: nothing of its audio comes any more, and what was
/// dropped at its very end is told by no block.
void Recorder::end(bool trailing)
{
    const std::uint64_t dropped = ring_.header().dropped.load(std::memory_order_relaxed);
    const std::uint64_t untold = trailing ? dropped - seen_dropped_ : 0;
    if (!take_) return;
    TakeSink::Outcome outcome;
    if (untold > 0 && reader_.front() == nullptr) outcome = take_->silence(untold);
    if (const TakeSink::Outcome last = take_->finish(); outcome) outcome = last;
    own_.counts = take_->counts();
    takes_.end(own_.counts.frames);
    past_damages_ += own_.counts.gaps + own_.counts.xruns;
    take_.reset();
    if (!outcome)
        fail(outcome.error());
    else
        options_.tell(own_.counts.gaps + own_.counts.xruns > 0,
                      "recorded " + own_.folder + ": " + take_words(own_.counts, own_.rate));
}

/// Nothing more is recorded; what the take has is playable, which is the take's own business.
void Recorder::fail(std::string why)
{
    wanted_ = false;
    past_damages_++;
    own_.state = RecorderStatus::State::failed;
    own_.message = std::move(why);
    options_.tell(true, "the recording ended: " + own_.message);
    if (!take_) return;
    static_cast<void>(take_->finish()); // says the same again
    own_.counts = take_->counts();
    takes_.end(own_.counts.frames);
    past_damages_ += own_.counts.gaps + own_.counts.xruns;
    take_.reset();
}

std::string take_words(const TakeCounts& counts, std::uint32_t rate)
{
    const auto text = [](std::uint64_t number, const char* word) {
        return std::to_string(number) + word;
    };
    const std::uint64_t tenths = rate == 0 ? 0 : counts.frames * 10 / rate;
    return text(tenths / 10, ".") + text(tenths % 10, " s, ") +
           text(counts.gap_frames, " frames lost in ") + text(counts.gaps, " gaps, ") +
           text(counts.xruns, " graph xruns, ") + text(counts.marks, " marks");
}

void Recorder::publish()
{
    if (take_) own_.counts = take_->counts();
    if (take_ && ++looks_ % looks_per_question == 0) own_.free_bytes = take_->free_bytes();
    own_.damages = past_damages_ + (take_ ? own_.counts.gaps + own_.counts.xruns : 0);
    const std::lock_guard guard(mutex_);
    own_.fill_highest = std::max(own_.fill_highest, status_.fill_highest);
    keep_higher(status_.peaks);
    own_.peaks = std::move(peaks_);
    status_ = own_;
    peaks_.assign(own_.peaks.size(), 0);
}

} // namespace asiowire
