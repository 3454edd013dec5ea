// SPDX-License-Identifier: MIT
#include "tools/hook_runner/ring_source.hpp"

#include "taps/ring.hpp"

namespace asiowire {

namespace {

class RingSource : public hooks::BlockSource {
public:
    explicit RingSource(RingObserver ring)
        : ring_(std::move(ring)), samples_(std::size_t{ring_.channels()} * max_frames),
          planes_(ring_.channels()), names_(ring_channel_names(ring_))
    {}

    const std::vector<std::string>& names() const override { return names_; }

    Found next(hooks::SourceBlock& block) override
    {
        RingBlock head;
        for (;;) {
            const auto found = ring_.next(head, samples_);
            if (found == RingObserver::Found::overwritten) continue; // the positions tell how much
            if (found == RingObserver::Found::nothing)
                return ring_.ended() ? Found::ended : Found::nothing;
            // A block that is none of ours cannot be told apart from a damaged one.
            if (head.channels == planes_.size() && head.frames > 0 && head.frames <= max_frames &&
                head.rate > 0)
                break;
        }
        // What the producer itself had no room for, or missed, is not this hook's loss.
        const std::uint64_t theirs = head.dropped + head.missed;
        const std::uint64_t jump = begun_ && head.position > next_ ? head.position - next_ : 0;
        for (std::size_t c = 0; c < planes_.size(); c++)
            planes_[c] = samples_.data() + c * head.frames;
        block = {head.frames, head.rate, head.position, jump > theirs ? jump - theirs : 0,
                 planes_.data()};
        begun_ = true;
        next_ = head.position + head.frames;
        return Found::block;
    }

private:
    RingObserver ring_;
    std::vector<float> samples_; // [channel][frame]
    std::vector<const float*> planes_;
    std::vector<std::string> names_;
    std::uint64_t next_ = 0; // position
    bool begun_ = false;
};

} // namespace

std::vector<std::string> ring_channel_names(const RingObserver& ring)
{
    std::vector<std::string> names;
    for (const RingChannel& channel : ring.map())
        names.push_back((channel.direction == RingChannel::input ? "in_" : "out_") +
                        std::to_string(channel.number + 1));
    return names;
}

std::expected<std::unique_ptr<hooks::BlockSource>, std::string> open_ring(int descriptor)
{
    auto ring = RingObserver::open(descriptor);
    if (!ring) return std::unexpected(ring.error());
    return std::make_unique<RingSource>(std::move(*ring));
}

} // namespace asiowire
