// SPDX-License-Identifier: MIT
#include "hooks/mel_stream.hpp"

#include "hooks/mel_batch.hpp"

#include <algorithm>

namespace asiowire {

MelStream::MelStream(const MelSettings& settings)
    : plan_(settings), workspace_(plan_.new_workspace()), block_(plan_.block() * settings.n_mels())
{}

void MelStream::push(std::span<const float> samples)
{
    // In pieces, so that a long push needs no copy of itself.
    const std::size_t piece = plan_.block() * plan_.settings().hop() + plan_.settings().n_fft();
    while (!samples.empty()) {
        const std::size_t n = std::min(piece, samples.size());
        take(samples.first(n));
        samples = samples.subspan(n);
    }
}

void MelStream::take(std::span<const float> samples)
{
    const MelSettings& settings = plan_.settings();
    samples_.insert(samples_.end(), samples.begin(), samples.end());
    received_ += samples.size();
    if (!begun_ && received_ > settings.padding()) begin_padding();
    if (!begun_) return;
    // The padding to come only adds frames after these. The last of them is left: it is dropped at
    // the end unless a later one follows.
    const std::size_t there = received_ + settings.padding();
    const std::size_t whole =
        there < settings.n_fft() ? 0 : 1 + (there - settings.n_fft()) / settings.hop();
    compute_until(std::min(whole, frame_count(settings, received_)));
    forget_samples();
}

void MelStream::finish()
{
    if (received_ > 0) {
        if (!begun_) begin_padding();
        end_padding();
        compute_until(frame_count(plan_.settings(), received_));
    }
    samples_.clear();
    finished_ = true;
}

void MelStream::reset()
{
    samples_.clear();
    ready_.clear();
    base_ = received_ = computed_ = pulled_ = 0;
    begun_ = finished_ = false;
}

/// Puts the mirrored start in front. Until now samples_ was the signal from its first sample.
void MelStream::begin_padding()
{
    const std::size_t padding = plan_.settings().padding();
    std::vector<float> start(padding);
    for (std::size_t i = 0; i < padding; i++)
        start[i] =
            samples_[mirrored(static_cast<std::ptrdiff_t>(i) - static_cast<std::ptrdiff_t>(padding),
                              samples_.size())];
    samples_.insert(samples_.begin(), start.begin(), start.end());
    begun_ = true;
}

/// Appends the mirrored end. What it mirrors is still there: see forget_samples.
void MelStream::end_padding()
{
    const std::size_t padding = plan_.settings().padding();
    const std::size_t signal_from = base_ < padding ? padding - base_ : 0; // in samples_
    const std::size_t kept = samples_.size() - signal_from;
    const auto last = static_cast<std::ptrdiff_t>(received_) - 1;
    for (std::size_t i = 1; i <= padding; i++) {
        const std::size_t index = mirrored(last + static_cast<std::ptrdiff_t>(i), received_);
        samples_.push_back(samples_[signal_from + index - (received_ - kept)]);
    }
}

void MelStream::compute_until(std::size_t end)
{
    const MelSettings& settings = plan_.settings();
    while (computed_ < end) {
        const std::size_t frames = std::min(plan_.block(), end - computed_);
        const float* from = samples_.data() + (computed_ * settings.hop() - base_);
        plan_.compute(workspace_.get(), from, frames, block_.data(), plan_.block());
        for (std::size_t frame = 0; frame < frames; frame++)
            for (std::size_t mel = 0; mel < n_mels(); mel++)
                ready_.push_back(block_[mel * plan_.block() + frame]);
        computed_ += frames;
    }
}

/// Lets go of what neither a later frame nor the mirrored end needs, half the memory at a time.
void MelStream::forget_samples()
{
    const std::size_t next = computed_ * plan_.settings().hop();
    const std::size_t end = base_ + samples_.size();
    const std::size_t mirror = plan_.settings().padding() + 1;
    const std::size_t needed = std::min(next, end - std::min(end, mirror));
    if (needed <= base_ || needed - base_ < samples_.size() / 2) return;
    samples_.erase(samples_.begin(),
                   samples_.begin() + static_cast<std::ptrdiff_t>(needed - base_));
    base_ = needed;
}

void MelStream::pull(float* to, std::size_t frames)
{
    const float* from = ready_.data() + pulled_ * n_mels();
    std::copy(from, from + frames * n_mels(), to);
    pulled_ += frames;
    if (pulled_ * n_mels() * 2 < ready_.size()) return;
    ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(pulled_ * n_mels()));
    pulled_ = 0;
}

} // namespace asiowire
