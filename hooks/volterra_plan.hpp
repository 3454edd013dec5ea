// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/volterra_model.hpp"

namespace asiowire {

enum class VolterraWay { automatic, direct, partitioned };

/// How a processor is to work. Made by the C interface, which has checked it.
struct VolterraConfig {
    std::size_t channels = 1;
    std::size_t block = 512; ///< frames of a usual call; any other number is right, too
    VolterraWay way = VolterraWay::automatic;
    std::size_t oversampling = 1; ///< 1, 2, 4
    std::size_t fade = 512;       ///< frames of the crossfade to another kernel
};

/// What a model and a configuration lead to.
struct VolterraPlan {
    VolterraWay way = VolterraWay::direct;
    std::size_t block = 0; ///< of a partition; 0 with the direct engine
    std::size_t bytes = 0; ///< of all channels and what they share, without the kernel itself
};

/// The cheaper engine, and its partition, for calls of config.block frames.
///
/// [any-thread]  no allocation that grows with the kernel
/// Source   volterra_cost.hpp
template <class T>
VolterraPlan volterra_plan(const VolterraModel& model, const VolterraConfig& config);

} // namespace asiowire
