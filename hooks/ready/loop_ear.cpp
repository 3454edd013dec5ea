// SPDX-License-Identifier: MIT
#include "hooks/ready/loop_ear.hpp"

#include "hooks/ready/sweep_words.h"

#include <algorithm>
#include <cmath>

namespace asiowire {

namespace {

/// Of a correlation of 1: what noise, DC and rounding may take away.
constexpr double least_score = 0.9;
/// Mean square of what counts as sound: of a sine of -90 dB.
constexpr double least_power = 5e-10;
/// Values per period of the highest frequency in a template: half a value's shift costs 1 %.
constexpr double values_per_period = 20;
/// Time times bandwidth of a template: a steady tone agrees with it by a fourth.
constexpr double chirp = 8;

} // namespace

std::vector<LoopTemplate> loop_templates(const VolterraSweepConfig& sweep)
{
    const VolterraExcitation own(sweep);
    // The n-th period has the frequency f1 · (1 + n / periods()).
    const double periods = std::min(std::max(8.0, std::sqrt(chirp * own.periods())),
                                    own.periods() * (sweep.last / sweep.first - 1) / 2);
    const double seconds = own.length() * std::log1p(periods / own.periods());
    const double highest = sweep.first * (1 + periods / own.periods());
    std::vector<std::uint32_t> rates = {static_cast<std::uint32_t>(sweep.rate)};
    for (const std::uint32_t rate : SWEEP_RATES)
        if (rate != rates[0] && rate > 2 * sweep.last) rates.push_back(rate);

    std::vector<LoopTemplate> all;
    for (const std::uint32_t rate : rates) {
        VolterraSweepConfig made = sweep;
        made.rate = rate;
        made.amplitude = 1;
        const VolterraExcitation excitation(made);
        LoopTemplate one;
        one.made_for = rate;
        one.decimation =
            std::max<std::size_t>(1, static_cast<std::size_t>(rate / highest / values_per_period));
        one.values.resize(static_cast<std::size_t>(seconds * rate) / one.decimation);
        for (std::size_t i = 0; i < one.values.size(); i++) {
            for (std::size_t k = 0; k < one.decimation; k++)
                one.values[i] += excitation.at(i * one.decimation + k);
            one.values[i] /= static_cast<double>(one.decimation);
            one.energy += one.values[i] * one.values[i];
        }
        all.push_back(std::move(one));
    }
    return all;
}

LoopEar::LoopEar(const std::vector<LoopTemplate>& templates, std::size_t patience)
    : patience_(static_cast<std::int64_t>(patience))
{
    for (const LoopTemplate& from : templates) {
        Scan scan;
        scan.from = &from;
        scan.past.resize(2 * from.values.size());
        scans_.push_back(std::move(scan));
    }
}

void LoopEar::reset(std::int64_t frame)
{
    frame_ = frame;
    for (Scan& scan : scans_) {
        scan.at = scan.known = scan.summed = 0;
        scan.sum = scan.best = 0;
    }
}

std::optional<LoopEar::Found> LoopEar::hear(const float* samples, std::size_t frames,
                                            std::size_t& heard)
{
    for (std::size_t i = 0; i < frames; i++) {
        frame_++;
        const double sample = std::isfinite(samples[i]) ? static_cast<double>(samples[i]) : 0.0;
        for (std::size_t s = 0; s < scans_.size(); s++) {
            Scan& scan = scans_[s];
            scan.sum += sample;
            if (++scan.summed == scan.from->decimation) look(scan, s);
            // Shifted by a period the beginning of a slow sweep is much like itself: not the first
            // match is the right one but the best within some periods. The same is true of two
            // rates.
            if (scan.best > 0 && frame_ - scan.best_at > patience_) {
                const Found found =
                    std::max_element(scans_.begin(), scans_.end(), [](auto& a, auto& b) {
                        return a.best < b.best;
                    })->found;
                heard = i + 1;
                reset(frame_);
                return found;
            }
        }
    }
    heard = frames;
    return std::nullopt;
}

void LoopEar::look(Scan& scan, std::size_t which)
{
    const std::size_t count = scan.from->values.size();
    scan.past[scan.at] = scan.past[scan.at + count] =
        scan.sum / static_cast<double>(scan.from->decimation);
    scan.sum = 0;
    scan.summed = 0;
    scan.at = (scan.at + 1) % count;
    if (++scan.known < count) return;
    const double* const latest = scan.past.data() + scan.at;
    double dot = 0;
    double power = 0;
    for (std::size_t i = 0; i < count; i++) {
        dot += latest[i] * scan.from->values[i];
        power += latest[i] * latest[i];
    }
    if (power < least_power * static_cast<double>(count)) return;
    const double score = std::abs(dot) / std::sqrt(power * scan.from->energy);
    if (score < least_score || score <= scan.best) return;
    scan.best = score;
    scan.best_at = frame_;
    scan.found = {which, frame_ - static_cast<std::int64_t>(scan.from->frames()),
                  dot / scan.from->energy};
}

} // namespace asiowire
