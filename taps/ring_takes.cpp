// SPDX-License-Identifier: MIT
#include "taps/ring_takes.hpp"

#include <cmath>

namespace asiowire {

RingTakes::RingTakes(Ring& ring, double preroll) : header_(*ring.header_)
{
    header_.preroll_s = static_cast<std::uint32_t>(std::ceil(preroll));
    take_.number = header_.takes_begun; // of a recorder before this one
    take_.end = 0;
}

bool RingTakes::begin(const std::filesystem::path& folder, std::uint32_t rate,
                      std::uint64_t position, bool hooks)
{
    take_ = {.number = take_.number + 1, .n_places = 1, .rate = rate, .hooks = hooks ? 1U : 0U};
    take_.places[0] = latest_ = {0, position};
    std::error_code ignored;
    const std::string path = std::filesystem::absolute(folder, ignored).string();
    const bool fits = path.size() < RingTake::most_path;
    if (fits) path.copy(take_.folder.data(), path.size());
    tell();
    header_.takes_begun.store(take_.number, std::memory_order_release);
    return fits;
}

void RingTakes::add(const RingBlock& block, std::uint64_t frame)
{
    // What the graph missed counts in the ring's positions and is not in the take.
    if (block.position - latest_.position != frame - latest_.frame) {
        latest_ = {frame, block.position};
        take_.places[take_.n_places++ % RingTake::most_places] = latest_;
        tell();
    }
    header_.recorded.store(block.position + block.frames, std::memory_order_release);
}

void RingTakes::end(std::uint64_t frames)
{
    if (take_.end != RingTake::open) return;
    take_.end = latest_.position + (frames - latest_.frame);
    tell();
}

void RingTakes::tell()
{
    header_.takes[take_.number % 2].store(take_);
}

std::optional<RingTake> ring_take(const RingHeader& header, std::uint64_t number)
{
    constexpr int patience = 100; // a recorder that was killed in the middle never ends
    RingTake take;
    if (!header.takes[number % 2].try_load(take, patience) || take.number != number || number == 0)
        return std::nullopt;
    take.folder.back() = '\0';
    return take;
}

} // namespace asiowire
