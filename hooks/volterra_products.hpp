// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/volterra_halfband.hpp"
#include "hooks/volterra_model.hpp"

#include <memory>
#include <vector>

namespace asiowire {

/// The input's products that a model filters, at the input's rate or formed at a higher one.
///
/// A filter at the input's rate may stand before or behind the way back to that rate. So only the
/// products are formed at 2 or 4 times the rate, where they have room for their new frequencies,
/// and lose what lies above the band before they are filtered. [one thread]  make and clear: no
/// allocation Source   noble identity; the half-band's figures: docs/volterra.md
template <class T> class VolterraProducts {
public:
    /// Units  factor: 1, 2 or 4; room: the most frames of one call
    VolterraProducts(const VolterraModel& model, std::size_t factor, std::size_t room);

    /// Shapes   x: frames; out: one pointer per term of the model, each to frames values
    void make(const T* x, std::size_t frames, T* const* out);
    void clear();
    std::size_t bytes() const;

    /// Frames from input to product.
    static std::size_t latency(std::size_t factor);

private:
    struct WayBack {
        VolterraHalfbandDown<T> from_four;
        VolterraHalfbandDown<T> from_two;
        T carried = 0; ///< the sample at twice the rate that makes the whole delay a whole number
    };

    void make_at_rate(const T* x, std::size_t frames, std::size_t rate, T* const* out);
    void bring_back(WayBack& way, const T* product, std::size_t frames, T* out);

    struct Kind {
        std::size_t order;
        std::size_t lag;
    };
    std::vector<Kind> kinds_;
    std::size_t factor_;
    std::size_t highest_power_;
    bool has_lags_;
    VolterraHistory<T> past_;  ///< of the rate that products are formed at
    VolterraHistory<T> delay_; ///< of the linear term, which needs no higher rate
    VolterraHalfbandUp<T> to_two_;
    VolterraHalfbandUp<T> to_four_;
    std::vector<WayBack> ways_;
    VolterraBuffer<T> raised_; ///< the input at the higher rate
    VolterraBuffer<T> middle_;
    std::vector<VolterraBuffer<T>> raised_products_;
    std::vector<T*> places_;
};

} // namespace asiowire
