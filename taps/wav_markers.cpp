// SPDX-License-Identifier: MIT
#include "taps/wav_markers.hpp"

#include <algorithm>

namespace asiowire {
namespace {

constexpr std::uint64_t most = 0xffff'ffff;
constexpr std::uint16_t utf8 = 65001;

} // namespace

RiffBytes marker_chunks(std::vector<TakeMarker> markers, std::uint64_t first,
                        std::uint64_t frames)
{
    std::ranges::stable_sort(markers, {}, &TakeMarker::frame);
    RiffBytes points, labels, lengths; // readers want all labels before the first length
    std::uint32_t count = 0;
    const std::uint64_t last = frames == 0 ? 0 : frames - 1;
    for (const TakeMarker& marker : markers) {
        const std::uint64_t at = std::min(marker.frame - std::min(marker.frame, first), last);
        if (at > most) continue;
        const auto frame = static_cast<std::uint32_t>(at);
        const std::uint32_t id = ++count;
        points.number(id).number(frame).text("data").zeros(8).number(frame);
        labels.chunk("labl", RiffBytes().number(id).text(marker.text).zeros(1));
        if (marker.frames == 0) continue;
        const std::uint64_t end = marker.frame + marker.frames - std::max(marker.frame, first);
        const auto length = static_cast<std::uint32_t>(std::min({end, frames - at, most}));
        RiffBytes region;
        region.number(id).number(length).text("rgn ").zeros(6).number(utf8);
        lengths.chunk("ltxt", region);
    }
    RiffBytes both;
    if (count == 0) return both;
    RiffBytes cue, list;
    cue.number(count).append(points);
    list.text("adtl").append(labels).append(lengths);
    both.chunk("cue ", cue).chunk("LIST", list);
    return both;
}

} // namespace asiowire
