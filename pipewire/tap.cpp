// SPDX-License-Identifier: MIT

#include "pipewire/tap.hpp"

#include <algorithm>

namespace asiowire {

Tap::Tap(Ring& ring, const std::vector<std::uint32_t>& inputs,
         const std::vector<std::uint32_t>& outputs)
    : ring_(ring), sources_(ring.channels()), spare_at_(outputs.size(), not_recorded),
      planes_(ring.channels())
{
    std::size_t spares = 0;
    for (std::uint32_t c = 0; c < ring.channels(); c++) {
        const RingChannel channel = ring.header().map[c];
        Source& source = sources_[c];
        source.output = channel.direction == RingChannel::output;
        const auto& ports = source.output ? outputs : inputs;
        const auto found = std::ranges::find(ports, channel.number);
        if (found == ports.end()) continue;
        source.port = static_cast<std::size_t>(found - ports.begin());
        if (source.output) spare_at_[source.port] = max_block * spares++;
    }
    spare_.resize(spares * max_block);
}

} // namespace asiowire
