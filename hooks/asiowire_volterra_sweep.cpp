// SPDX-License-Identifier: MIT
#include "hooks/asiowire_volterra.h"

#include "hooks/volterra_error.hpp"
#include "hooks/volterra_sweep.hpp"

#include <cmath>

using namespace asiowire;

struct AsiowireVolterraSweep {
    VolterraSweep sweep;
};

namespace {

constexpr double most_seconds = 120;
constexpr double most_frames = 5e7; // the transforms of more would not be counted by an int
constexpr std::int32_t most_taps = 1048576;

VolterraSweepConfig ours(const AsiowireVolterraSweepConfig& config)
{
    return {.rate = config.sample_rate,
            .first = config.first_hz,
            .last = config.last_hz,
            .seconds = config.seconds,
            .amplitude = config.amplitude,
            .harmonics = static_cast<std::size_t>(config.harmonics),
            .taps = static_cast<std::size_t>(config.taps),
            .lead = static_cast<std::size_t>(config.lead)};
}

AsiowireVolterraStatus check(const AsiowireVolterraSweepConfig& config)
{
    const double all =
        config.sample_rate + config.first_hz + config.last_hz + config.seconds + config.amplitude;
    if (!std::isfinite(all) || !(config.amplitude > 0) || config.sample_rate > 1e7)
        return volterra_refuse(
            "the sweep's rate, frequencies, seconds and amplitude must be finite, "
            "the amplitude above 0, the rate at most 10 MHz");
    if (!(config.first_hz > 0 && config.first_hz < config.last_hz &&
          config.last_hz < config.sample_rate / 2))
        return volterra_fail(ASIOWIRE_VOLTERRA_INVALID_INPUT,
                             "first_hz %g, last_hz %g and half of sample_rate %g must rise from 0",
                             config.first_hz, config.last_hz, config.sample_rate);
    if (const auto status = volterra_check_range("harmonics", config.harmonics, 1, 5))
        return status;
    if (const auto status = volterra_check_range("taps", config.taps, 1, most_taps)) return status;
    if (const auto status = volterra_check_range("lead", config.lead, 0, config.taps / 2))
        return status;
    const double least = VolterraSweep::least_seconds(ours(config));
    if (!(config.seconds >= least && config.seconds <= most_seconds))
        return volterra_fail(ASIOWIRE_VOLTERRA_INVALID_INPUT,
                             "seconds is %g; for these taps and harmonics it can be %.3g to %g",
                             config.seconds, least, most_seconds);
    if (config.seconds * config.sample_rate > most_frames)
        return volterra_fail(ASIOWIRE_VOLTERRA_INVALID_INPUT,
                             "the sweep has %.3g frames; it can have %.3g",
                             config.seconds * config.sample_rate, most_frames);
    return ASIOWIRE_VOLTERRA_SUCCESS;
}

} // namespace

AsiowireVolterraSweepConfig asiowire_volterra_sweep_config_default(void)
{
    return {.sample_rate = 48000,
            .first_hz = 20,
            .last_hz = 4800,
            .seconds = 5,
            .amplitude = 0.5,
            .harmonics = 5,
            .taps = 4096,
            .lead = 1024};
}

AsiowireVolterraStatus asiowire_volterra_sweep_create(const AsiowireVolterraSweepConfig* config,
                                                      AsiowireVolterraSweep** out)
{
    if (out == nullptr) return volterra_refuse("out is NULL");
    *out = nullptr;
    const auto chosen = config != nullptr ? *config : asiowire_volterra_sweep_config_default();
    if (const auto status = check(chosen)) return status;
    return volterra_guarded([&] { *out = new AsiowireVolterraSweep{VolterraSweep(ours(chosen))}; });
}

size_t asiowire_volterra_sweep_frames(const AsiowireVolterraSweep* sweep)
{
    return sweep == nullptr ? 0 : sweep->sweep.frames();
}

const double* asiowire_volterra_sweep_excitation(const AsiowireVolterraSweep* sweep)
{
    return sweep == nullptr ? nullptr : sweep->sweep.excitation().data();
}

AsiowireVolterraStatus asiowire_volterra_sweep_analyse(const AsiowireVolterraSweep* sweep,
                                                       const double* response, size_t frames,
                                                       double* out)
{
    if (sweep == nullptr || response == nullptr || out == nullptr)
        return volterra_refuse("sweep, response or out is NULL");
    for (std::size_t i = 0; i < frames; i++)
        if (!std::isfinite(response[i]))
            return volterra_fail(ASIOWIRE_VOLTERRA_INVALID_INPUT,
                                 "frame %zu of the response is not finite", i);
    return volterra_guarded([&] { sweep->sweep.analyse(response, frames, out); });
}

void asiowire_volterra_sweep_free(AsiowireVolterraSweep* sweep)
{
    delete sweep;
}
