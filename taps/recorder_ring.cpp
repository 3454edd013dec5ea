// SPDX-License-Identifier: MIT
// The disk thread: what it takes from the ring.

#include "taps/recorder.hpp"

#include <algorithm>
#include <bit>

namespace asiowire {

namespace {

constexpr std::size_t most_together = 8; // blocks: 64 KiB with 32 channels and 64 frames

/// Magnitudes are ordered as the integers that they look like, which vectorises; what is no number is
/// the highest.
float higher(float one, float other)
{
    return std::bit_cast<float>(
        std::max(std::bit_cast<std::int32_t>(one), std::bit_cast<std::int32_t>(other)));
}

float peak(const float* samples, std::size_t n)
{
    std::int32_t highest = 0;
    for (std::size_t i = 0; i < n; i++)
        highest = std::max(highest, std::bit_cast<std::int32_t>(samples[i]) & 0x7fff'ffff);
    return std::bit_cast<float>(highest);
}

} // namespace

/// Gives back what is older than the pre-roll that ends at a place in the ring.
void Recorder::keep_preroll(std::uint64_t end)
{
    const auto follow = [this] { return newest_ ? reader_.next(*newest_) : reader_.front(); };
    for (const RingBlock* block = follow(); block && block->at < end; block = follow()) {
        if (newest_ != nullptr && newest_->rate != block->rate) forget_preroll(block->at);
        newest_ = block;
        held_ += block->frames;
    }
    if (newest_ == nullptr) return;
    const auto wanted = static_cast<std::uint64_t>(options_.preroll * newest_->rate);
    while (newest_ != nullptr) {
        const RingBlock* const oldest = reader_.front();
        if (held_ - oldest->frames < wanted) break;
        held_ -= oldest->frames;
        if (oldest == newest_) newest_ = nullptr;
        seen_dropped_ += oldest->dropped;
        reader_.pop();
    }
}

/// Drops the pre-roll up to a place in the ring.
void Recorder::forget_preroll(std::uint64_t until)
{
    for (const RingBlock* old = reader_.front(); old && old->at < until; old = reader_.front()) {
        seen_dropped_ += old->dropped;
        reader_.pop();
    }
    newest_ = nullptr;
    held_ = 0;
}

/// What can be written together: `first` and blocks behind it that have nothing to say but their
/// samples, until the next command is due.
void Recorder::gather(const RingBlock& first)
{
    together_.assign(1, &first);
    while (together_.size() < most_together) {
        const RingBlock* const next = reader_.next(*together_.back());
        if (next == nullptr || next->at >= until_ || next->rate != first.rate ||
            next->dropped > 0 || next->flags != 0)
            return;
        if (!commands_.empty() && next->at >= commands_.front().at) return;
        together_.push_back(next);
    }
}

/// The gathered blocks, for a take.
std::span<const TakeBlock> Recorder::planes()
{
    const std::size_t channels = ring_.channels();
    planes_.resize(together_.size() * channels);
    blocks_.clear();
    for (std::size_t i = 0; i < together_.size(); i++) {
        const std::span<const float*> planes(planes_.data() + i * channels, channels);
        for (std::size_t c = 0; c < channels; c++)
            planes[c] = RingReader::plane(*together_[i], c);
        blocks_.push_back({planes, together_[i]->frames});
    }
    return blocks_;
}

void Recorder::meter(const RingBlock& block)
{
    for (std::size_t c = 0; c < peaks_.size(); c++)
        peaks_[c] = higher(peaks_[c], peak(RingReader::plane(block, c), block.frames));
}

/// What nobody has looked at yet stays.
void Recorder::keep_higher(const std::vector<float>& peaks)
{
    for (std::size_t c = 0; c < peaks.size(); c++)
        peaks_[c] = higher(peaks_[c], peaks[c]);
}

} // namespace asiowire
