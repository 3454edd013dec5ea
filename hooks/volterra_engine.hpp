// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace asiowire {

/// One channel's way from input to output; two implementations.
///
/// [one thread]  process and clear: no allocation, no lock, no system call; O(frames) bounded
/// Shapes   x and y: frames, any number; they may be the same
template <class T> class VolterraEngine {
public:
    VolterraEngine() = default;
    virtual ~VolterraEngine() = default;
    VolterraEngine(const VolterraEngine&) = delete;
    VolterraEngine& operator=(const VolterraEngine&) = delete;

    virtual void process(const T* x, T* y, std::size_t frames) = 0;
    /// As new: all that was heard is forgotten.
    virtual void clear() = 0;
    virtual std::size_t bytes() const = 0;
};

} // namespace asiowire
