// SPDX-License-Identifier: MIT
#include "hooks/volterra_model.hpp"

#include <algorithm>

namespace asiowire {

namespace {

void add_term(std::vector<VolterraTerm>& terms, std::size_t order, std::size_t lag,
              std::vector<double> taps)
{
    if (std::ranges::all_of(taps, [](double tap) { return tap == 0; })) return;
    terms.push_back({order, lag, std::move(taps)});
}

void add_full(std::vector<VolterraTerm>& terms, const double* h2, std::size_t n)
{
    for (std::size_t lag = 0; lag < n; lag++) {
        std::vector<double> taps(n - lag);
        for (std::size_t k = 0; k < n - lag; k++) {
            taps[k] = h2[k * n + k + lag];
            if (lag != 0) taps[k] += h2[(k + lag) * n + k];
        }
        add_term(terms, 2, lag, std::move(taps));
    }
}

} // namespace

VolterraModel::VolterraModel(const VolterraValues& values) : taps(values.taps)
{
    for (std::size_t p = 1; p <= volterra_orders; p++) {
        const double* h = values.diagonal[p - 1];
        if (p == 2 && values.h2_full != nullptr)
            add_full(terms, values.h2_full, taps);
        else if (h != nullptr)
            add_term(terms, p, 0, std::vector<double>(h, h + taps));
    }
}

std::size_t VolterraModel::longest_lag() const
{
    std::size_t longest = 0;
    for (const VolterraTerm& term : terms)
        longest = std::max(longest, term.lag);
    return longest;
}

std::size_t VolterraModel::highest_power() const
{
    std::size_t highest = 0;
    for (const VolterraTerm& term : terms)
        if (term.lag == 0) highest = std::max(highest, term.order);
    return highest;
}

std::size_t VolterraModel::highest_order() const
{
    return terms.empty() ? 1 : terms.back().order;
}

unsigned VolterraModel::orders() const
{
    unsigned bits = 0;
    for (const VolterraTerm& term : terms)
        bits |= 1U << (term.order - 1);
    return bits;
}

} // namespace asiowire
