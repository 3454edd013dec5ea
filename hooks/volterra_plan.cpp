// SPDX-License-Identifier: MIT
#include "hooks/volterra_plan.hpp"

#include "hooks/volterra_cost.hpp"
#include "hooks/volterra_partitioned.hpp"

#include <algorithm>

namespace asiowire {

namespace {

constexpr std::size_t shortest = 16;
constexpr std::size_t longest = 8192;

/// Lengths that FFTW is quick at.
bool is_smooth(std::size_t n)
{
    for (const std::size_t factor : {2, 3, 5, 7})
        while (n % factor == 0)
            n /= factor;
    return n == 1;
}

/// Cycles per frame with partitions of `block` when calls have `call` frames.
template <class T>
double partitioned_cost(const VolterraModel& model, std::size_t block, std::size_t call)
{
    const double b = static_cast<double>(block);
    const double terms = static_cast<double>(model.terms.size());
    const double parts = static_cast<double>((model.taps + block - 1) / block);
    double cycles =
        VolterraCost<T>::transforms(terms, b) + VolterraCost<T>::multiply(b + 1, terms * parts);
    if (call % block != 0) { // the newest partition by sums, the others' share apart
        const double frames = static_cast<double>(std::min(call, block));
        const double taps = static_cast<double>(std::min(model.taps, block));
        const double sums = VolterraCost<T>::direct(taps, terms, frames);
        cycles += b / frames * std::min(sums, cycles);
        if (parts > 1) cycles += VolterraCost<T>::transform(2 * b);
    }
    return cycles / b;
}

template <class T> std::size_t best_block(const VolterraModel& model, std::size_t call)
{
    // Partitions that whole calls fill, or for short calls up to 64 frames: none longer, since its
    // transforms would all fall into one call.
    std::size_t whole = std::clamp(call, shortest, longest);
    if (!is_smooth(whole)) {
        whole = shortest;
        while (whole < call && whole < longest)
            whole *= 2;
    }
    while (2 * whole <= 64)
        whole *= 2;
    std::size_t best = whole;
    for (std::size_t block = whole; block >= shortest; block /= 2) {
        if (partitioned_cost<T>(model, block, call) < partitioned_cost<T>(model, best, call))
            best = block;
        if (block % 2 != 0) break;
    }
    return best;
}

template <class T>
std::size_t bytes_of(const VolterraModel& model, const VolterraConfig& config,
                     const VolterraPlan& plan)
{
    const std::size_t terms = model.terms.size();
    const std::size_t lag = model.longest_lag();
    std::size_t taps = 0;
    for (const VolterraTerm& term : model.terms)
        taps += term.taps.size();
    const std::size_t raised = config.oversampling == 1 ? 0 : config.oversampling + 8;
    if (plan.way == VolterraWay::direct) {
        const bool horner = lag == 0 && raised == 0;
        const std::size_t room = 512;
        const auto past = [&](std::size_t n) { return n + std::max(room, n) + room; };
        const std::size_t pasts =
            horner ? past(model.taps) : terms * past(taps / std::max<std::size_t>(terms, 1));
        const std::size_t products =
            horner ? 0 : past(lag * config.oversampling) + terms * raised * room;
        return sizeof(T) * (2 * taps + config.channels * (pasts + products));
    }
    const std::size_t parts = (model.taps + plan.block - 1) / plan.block;
    const std::size_t spectra = 2 * (plan.block + 16) * terms * parts;
    const std::size_t state =
        spectra + terms * 2 * plan.block + 12 * plan.block + 2 * lag + terms * raised * plan.block;
    return sizeof(T) * (spectra + 2 * terms * plan.block + config.channels * state);
}

} // namespace

template <class T>
VolterraPlan volterra_plan(const VolterraModel& model, const VolterraConfig& config)
{
    VolterraPlan plan;
    const double taps = static_cast<double>(model.taps);
    const double terms = static_cast<double>(model.terms.size());
    const double call = static_cast<double>(config.block);
    const std::size_t block = best_block<T>(model, config.block);
    const double sums = VolterraCost<T>::direct(taps, terms, call) / call;
    const bool is_long = partitioned_cost<T>(model, block, config.block) < sums;
    plan.way = config.way;
    if (config.way == VolterraWay::automatic)
        plan.way = is_long && !model.terms.empty() ? VolterraWay::partitioned : VolterraWay::direct;
    if (plan.way == VolterraWay::partitioned) plan.block = block;
    plan.bytes = bytes_of<T>(model, config, plan);
    return plan;
}

template VolterraPlan volterra_plan<float>(const VolterraModel&, const VolterraConfig&);
template VolterraPlan volterra_plan<double>(const VolterraModel&, const VolterraConfig&);

} // namespace asiowire
