// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace asiowire {

/// Rough costs in cycles of AVX2 with FMA; they decide between ways, nothing else hangs on them.
///
/// [any-thread]
/// Source   measured with bench/volterra.cpp; a wrong guess costs time, never a value
template <class T> struct VolterraCost {
    static constexpr double width = sizeof(T) == sizeof(float) ? 1.0 : 2.0;

    static double direct(double taps, double terms, double frames)
    {
        // Short pieces have the taps as lanes, and cost as if they were longer.
        return width * taps * terms * (frames < 16 ? frames + 4 : frames) / 14 + 40;
    }
    /// Of one block: two products per transform, and one transform back.
    static double transforms(double terms, double block)
    {
        return (terms / 2 + 1.5) * transform(2 * block);
    }
    static double transform(double length)
    {
        double bits = 0;
        for (double n = length; n > 1; n /= 2)
            bits++;
        return width * 0.3 * length * bits + 400;
    }
    static double multiply(double bins, double spectra) { return width * 0.5 * bins * spectra; }
};

} // namespace asiowire
