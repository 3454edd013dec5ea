// SPDX-License-Identifier: MIT

#include "pipewire/latency.hpp"

#include <algorithm>
#include <cmath>

namespace asiowire {

namespace {

/// Latency travels against a port: an input port is told of the outputs before it.
spa_direction tells_of(spa_direction side)
{
    return side == SPA_DIRECTION_INPUT ? SPA_DIRECTION_OUTPUT : SPA_DIRECTION_INPUT;
}

double frames(const spa_latency_info& info, Frames quantum, std::uint32_t rate)
{
    return static_cast<double>(info.max_quantum) * quantum + static_cast<double>(info.max_rate) +
           static_cast<double>(info.max_ns) * rate / 1e9;
}

} // namespace

void Latencies::clear()
{
    const std::lock_guard guard(mutex_);
    told_ = {};
}

bool Latencies::set(spa_direction side, std::size_t port, const spa_pod* param)
{
    spa_latency_info info{};
    info.direction = tells_of(side);
    if (param != nullptr && (spa_latency_parse(param, &info) < 0 || info.direction != tells_of(side)))
        return false;
    const std::lock_guard guard(mutex_);
    spa_latency_info& known = told_[side][port];
    if (spa_latency_info_compare(&known, &info) == 0) return false;
    known = info;
    return true;
}

spa_latency_info Latencies::combined(spa_direction side) const
{
    spa_latency_info all;
    spa_latency_info_combine_start(&all, tells_of(side));
    const std::lock_guard guard(mutex_);
    const spa_latency_info unknown{};
    for (const spa_latency_info& info : told_[side])
        if (spa_latency_info same = info; spa_latency_info_compare(&unknown, &same) != 0)
            spa_latency_info_combine(&all, &info);
    spa_latency_info_combine_finish(&all);
    return all;
}

spa_latency_info Latencies::of(spa_direction side, std::size_t port) const
{
    const std::lock_guard guard(mutex_);
    spa_latency_info info = told_[side][port];
    info.direction = tells_of(side);
    return info;
}

Frames Latencies::longest(spa_direction side, Frames quantum, std::uint32_t rate) const
{
    constexpr double absurd = 1e6; // frames; what nobody means
    double longest = 0;
    const std::lock_guard guard(mutex_);
    for (const spa_latency_info& info : told_[side])
        longest = std::max(longest, frames(info, quantum, rate));
    return static_cast<Frames>(std::lround(std::clamp(longest, 0.0, absurd)));
}

} // namespace asiowire
