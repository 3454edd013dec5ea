// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/volterra_kernels.hpp"

#include <cstddef>
#include <vector>

namespace asiowire {

/// One product of the input with itself, and the filter that it goes through.
///
/// With lag 0: y += Σ_k taps[k] · x[n - k]^order. With another one, order 2:
/// y += Σ_k taps[k] · x[n - k] · x[n - k - lag].
struct VolterraTerm {
    std::size_t order = 1;
    std::size_t lag = 0;
    std::vector<double> taps;
};

/// What a user hands over: pointers that may be null, `taps` values each; h2_full: [taps][taps].
struct VolterraValues {
    std::size_t taps = 0;
    const double* diagonal[volterra_orders] = {};
    const double* h2_full = nullptr;
};

/// A Volterra series as a sum of filtered products; without those that are zero everywhere.
///
/// A full h2 becomes one product per lag that occurs: h2[i][j] and h2[j][i] weigh the same product
/// and are added up.
/// [any-thread]
struct VolterraModel {
    std::size_t taps = 1;
    std::vector<VolterraTerm> terms; ///< by order, then by lag

    explicit VolterraModel(const VolterraValues& values);

    std::size_t longest_lag() const;
    /// The highest order of lag 0; 0 when there is none.
    std::size_t highest_power() const;
    /// Of all terms; 1 when there is none.
    std::size_t highest_order() const;
    /// One bit per order that occurs, order 1 the lowest.
    unsigned orders() const;
};

} // namespace asiowire
