// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/volterra_engine.hpp"
#include "hooks/volterra_products.hpp"

namespace asiowire {

/// A model's taps as the direct engine reads them; the channels share it.
///
/// [any-thread]  never changes
template <class T> class VolterraDirectTaps {
public:
    VolterraDirectTaps(const VolterraModel& model, std::size_t factor);

    struct Term {
        VolterraBuffer<T> taps;
        VolterraBuffer<T> reversed;
    };
    std::size_t taps = 1;
    /// Whether powers can be built inside each tap: no product of two times, no other rate.
    bool horner = false;
    std::size_t order = 0;
    VolterraBuffer<T> by_tap;   ///< [tap][order]
    VolterraBuffer<T> reversed; ///< [order][tap], last tap first
    std::vector<Term> terms;    ///< without horner

    std::size_t bytes() const;
};

/// Sums in the time domain: for short kernels.
template <class T> class VolterraDirect final : public VolterraEngine<T> {
public:
    VolterraDirect(const VolterraModel& model, const VolterraDirectTaps<T>& taps,
                   std::size_t factor);

    void process(const T* x, T* y, std::size_t frames) override;
    void clear() override;
    std::size_t bytes() const override;

private:
    static constexpr std::size_t piece = 512;
    void process_piece(const T* x, T* y, std::size_t frames);

    const VolterraDirectTaps<T>& taps_;
    VolterraHistory<T> past_; ///< of the input, with horner
    VolterraProducts<T> products_;
    std::vector<VolterraHistory<T>> pasts_; ///< of each product, without
    std::vector<T*> places_;
};

} // namespace asiowire
