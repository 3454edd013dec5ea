// SPDX-License-Identifier: MIT
#pragma once

#include "tests/unit/fake_graph.hpp"

#include <algorithm>

namespace sweep {

using asiowire::Frames;

constexpr Frames blocks[] = {16, 32, 48, 64, 100, 128, 256, 441, 480, 512, 1000, 1024, 4096, 8192};
constexpr Frames quanta[] = {32, 64, 256, 480, 1024, 2048};

/// How many pairs of block and quantum are not exact.
inline int inexact(bool (*is_exact)(Frames block, Frames quantum, asiowire::SampleType),
                   asiowire::SampleType type)
{
    int wrong = 0;
    for (const Frames block : blocks)
        for (const Frames quantum : quanta)
            wrong += !is_exact(block, quantum, type);
    return wrong;
}

/// Whether an echo came back exactly and after `delay` frames of silence.
inline bool is_late_by(const fake::Graph& graph, std::size_t delay, std::size_t channel)
{
    const auto& sent = graph.heard[channel];
    const auto& back = graph.played[channel];
    if (back.size() <= delay) return false;
    return std::all_of(back.begin(), back.begin() + delay, [](float v) { return v == 0.0f; }) &&
           std::equal(back.begin() + delay, back.end(), sent.begin());
}

} // namespace sweep
