// SPDX-License-Identifier: MIT
#include "hooks/ready/loop_watch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <new>

namespace asiowire {

namespace {

/// How far the level of a piece of the sweep may be from that of its beginning.
constexpr double least_ratio = 0.7, most_ratio = 1.4;

template <class... Values> std::string sentence(const char* format, Values... values)
{
    char text[512];
    std::snprintf(text, sizeof text, format, values...);
    return text;
}

} // namespace

LoopWatch::LoopWatch(const LoopPlan& plan, std::string output, std::size_t channel)
    : plan_(plan), output_(std::move(output)), ear_(plan.templates, plan.patience)
{
    // A sweep is found when its beginning is over, a little late.
    past_frames_ =
        plan.before + plan.templates[0].frames() + 2 * plan.templates[0].decimation + plan.patience;
    played_ = {channel, std::vector<float>(past_frames_)};
}

void LoopWatch::add_input(std::string name, std::size_t channel)
{
    names_.push_back(std::move(name));
    inputs_.push_back({channel, std::vector<float>(past_frames_)});
}

bool LoopWatch::interrupt()
{
    const bool lost = take_ != nullptr;
    take_.reset();
    ear_.reset(0);
    frame_ = 0;
    deaf_ = 0;
    return lost;
}

void LoopWatch::keep(const float* const* audio, std::size_t first, std::size_t frames)
{
    const auto put = [&](History& history) {
        for (std::size_t i = 0; i < frames; i++)
            history.past[(frame_ + i) % past_frames_] = audio[history.channel][first + i];
    };
    put(played_);
    for (History& input : inputs_)
        put(input);
    frame_ += frames;
}

void LoopWatch::copy_history(const History& from, std::size_t frames, float* to) const
{
    for (std::size_t i = 0; i < frames; i++)
        to[i] = from.past[(frame_ - frames + i) % past_frames_];
}

LoopWatch::Step LoopWatch::hear(const float* const* audio, std::size_t first, std::size_t frames,
                                std::size_t& heard)
{
    heard = frames;
    if (take_ != nullptr) {
        heard = std::min(frames, plan_.take_frames() - taken_);
        keep(audio, first, heard);
        copy_history(played_, heard, take_->played.data() + taken_);
        for (std::size_t i = 0; i < inputs_.size(); i++)
            copy_history(inputs_[i], heard, take_->inputs[i].samples.data() + taken_);
        const std::size_t before = taken_;
        taken_ += heard;
        if (!goes_on(before, taken_)) {
            take_.reset();
            ear_.reset(static_cast<std::int64_t>(frame_));
            return {sentence("%s: the sweep broke off, or something else was mixed with it, in its "
                             "second %.1f; nothing was measured",
                             output_.c_str(),
                             static_cast<double>(taken_ - plan_.before) / plan_.sweep.rate),
                    true, nullptr};
        }
        if (taken_ < plan_.take_frames()) return {};
        ear_.reset(static_cast<std::int64_t>(frame_));
        return {"", false, std::move(take_)};
    }
    if (deaf_ > 0) {
        heard = std::min(frames, deaf_);
        deaf_ -= heard;
        keep(audio, first, heard);
        if (deaf_ == 0) ear_.reset(static_cast<std::int64_t>(frame_));
        return {};
    }
    const auto found = ear_.hear(audio[played_.channel] + first, frames, heard);
    keep(audio, first, heard);
    return found ? begin(*found) : Step{};
}

LoopWatch::Step LoopWatch::begin(const LoopEar::Found& found)
{
    const LoopTemplate& made = plan_.templates[found.which];
    if (found.which > 0) {
        deaf_ = plan_.sweep_frames;
        return {sentence("%s: this sweep was made for %u Hz and is played at %.0f Hz; nothing is "
                         "measured. Make it anew with rate=%.0f, or have it converted",
                         output_.c_str(), static_cast<unsigned>(made.made_for), plan_.sweep.rate,
                         plan_.sweep.rate),
                true, nullptr};
    }
    // From the sweep's beginning until now, and what lies before, as far as it was heard.
    const auto since = static_cast<std::size_t>(static_cast<std::int64_t>(frame_) - found.start);
    const std::size_t frames = std::min(since + plan_.before, plan_.take_frames());
    const std::size_t known = std::min<std::uint64_t>({frames, frame_, past_frames_});
    try {
        take_ = std::make_unique<LoopTake>();
        take_->output = output_;
        take_->gain = found.gain;
        take_->known = known > since ? known - since : 0;
        take_->played.resize(plan_.take_frames());
        for (std::size_t i = 0; i < inputs_.size(); i++)
            take_->inputs.push_back(
                {names_[i], inputs_[i].channel, std::vector<float>(plan_.take_frames())});
    } catch (const std::bad_alloc&) {
        take_.reset();
        deaf_ = plan_.sweep_frames;
        return {sentence("%s: a sweep has begun, and there is no memory to keep it; nothing is "
                         "measured. Add the hook with a larger limit.mb=",
                         output_.c_str()),
                true, nullptr};
    }
    copy_history(played_, known, take_->played.data() + frames - known);
    for (std::size_t i = 0; i < inputs_.size(); i++)
        copy_history(inputs_[i], known, take_->inputs[i].samples.data() + frames - known);
    taken_ = frames;
    piece_energy_ = 0;
    piece_frames_ = 0;
    return {sentence("%s: a sweep has begun (%.1f dB)", output_.c_str(),
                     20 * std::log10(std::abs(found.gain))),
            false, nullptr};
}

/// Whether the sweep is still what is played, as far as its level tells: what else is wrong with it
/// is seen when it is over.
bool LoopWatch::goes_on(std::size_t before, std::size_t now)
{
    const auto piece =
        static_cast<std::size_t>(plan_.sweep.rate * std::max(0.25, 5 / plan_.sweep.first));
    // The place of the sweep's end is known to a decimation, and it fades out there.
    const std::size_t end = plan_.before + plan_.sweep_frames - piece / 4;
    for (std::size_t i = before; i < std::min(now, end); i++) {
        const double sample = static_cast<double>(take_->played[i]);
        piece_energy_ += sample * sample;
        if (++piece_frames_ < piece) continue;
        const double ratio =
            std::sqrt(2 * piece_energy_ / static_cast<double>(piece)) / std::abs(take_->gain);
        piece_energy_ = 0;
        piece_frames_ = 0;
        if (!(ratio > least_ratio && ratio < most_ratio)) return false;
    }
    return true;
}

} // namespace asiowire
