// SPDX-License-Identifier: MIT
#include "hooks/ready/loop_analysis.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdio>
#include <fftw3.h>
#include <memory>
#include <new>
#include <numbers>

namespace asiowire {

namespace {

constexpr double silence_db = -120;      // an input below it brought nothing
constexpr double noisy_db = -40;         // noise above it, beside the response, is worth a word
constexpr double most_rest = 1e-3;       // of the energy played: else it was no sweep alone
constexpr double least_crest = 8;        // noise reaches 5
constexpr float full_scale = 0.9998849F; // -0.001 dB, as the hook `watch` has it
constexpr std::size_t clip_run = 3;
constexpr double highest = 0.49; // of the rate: what lies above is in no converter's band

struct Free {
    void operator()(void* memory) const { fftw_free(memory); }
};
template <class T> using Array = std::unique_ptr<T[], Free>;

/// A real signal of `length` values and its spectrum.
class Transform {
public:
    explicit Transform(std::size_t length)
        : length_(length), time_(fftw_alloc_real(length)), bins_(fftw_alloc_complex(length / 2 + 1))
    {
        if (!time_ || !bins_) throw std::bad_alloc();
        std::fill_n(time_.get(), length, 0.0);
    }

    double* time() { return time_.get(); }
    std::complex<double>* bins() { return reinterpret_cast<std::complex<double>*>(bins_.get()); }
    void forward()
    {
        run(fftw_plan_dft_r2c_1d(static_cast<int>(length_), time_.get(), bins_.get(),
                                 FFTW_ESTIMATE));
    }
    void inverse() // not normalised
    {
        run(fftw_plan_dft_c2r_1d(static_cast<int>(length_), bins_.get(), time_.get(),
                                 FFTW_ESTIMATE));
    }

private:
    static void run(fftw_plan plan)
    {
        if (plan == nullptr) throw std::bad_alloc();
        fftw_execute(plan);
        fftw_destroy_plan(plan);
    }

    std::size_t length_;
    Array<double> time_;
    Array<fftw_complex> bins_;
};

double db(double amplitude)
{
    return amplitude > 0 ? std::max(-200.0, 20 * std::log10(amplitude)) : -200.0;
}

double rms(const float* samples, std::size_t count)
{
    double sum = 0;
    for (std::size_t i = 0; i < count; i++) {
        const double sample = static_cast<double>(samples[i]);
        sum += sample * sample;
    }
    return count == 0 ? 0 : std::sqrt(sum / static_cast<double>(count));
}

bool finite(const std::vector<float>& samples)
{
    return std::all_of(samples.begin(), samples.end(), [](float s) { return std::isfinite(s); });
}

std::size_t clipped_runs(const std::vector<float>& samples)
{
    std::size_t runs = 0;
    std::size_t length = 0;
    for (const float sample : samples) {
        length = std::abs(sample) >= full_scale ? length + 1 : 0;
        runs += length == clip_run;
    }
    return runs;
}

template <class... Values> std::string sentence(const char* format, Values... values)
{
    char text[512];
    std::snprintf(text, sizeof text, format, values...);
    return text;
}

} // namespace

std::vector<float> loop_grid(const LoopPlan& plan)
{
    std::vector<float> grid;
    for (int i = 0;; i++) {
        const double hz = 2 * plan.sweep.first * std::exp2(i / 12.0);
        if (hz > 0.9 * plan.sweep.last) return grid;
        grid.push_back(static_cast<float>(hz));
    }
}

LoopAnalysis::LoopAnalysis(const LoopPlan& plan)
    : plan_(plan), sweep_(plan.sweep), grid_(loop_grid(plan))
{}

LoopFigures LoopAnalysis::look(const LoopTake& take, const LoopRecord& input) const
{
    LoopFigures figures;
    figures.input = input.name;
    const char* const in = input.name.c_str();
    const char* const out = take.output.c_str();
    const auto fail = [&](std::string why) {
        figures.failure = std::move(why) + "; nothing was measured";
        return figures;
    };
    if (!finite(take.played)) return fail(sentence("%s: samples that are no numbers", out));
    if (!finite(input.samples)) return fail(sentence("%s: samples that are no numbers", in));
    const double response = rms(input.samples.data() + plan_.before, plan_.sweep_frames);
    if (db(response) < silence_db)
        return fail(
            sentence("%s: silent while %s played the sweep (%.0f dB)", in, out, db(response)));
    const Place place = locate(take, input);
    figures.sweep_db = db(std::abs(place.gain));
    if (place.rest > most_rest)
        return fail(sentence("%s: something else was played with the sweep, %.0f dB below it", out,
                             -10 * std::log10(place.rest)));
    if (place.crest < least_crest)
        return fail(sentence("%s: the sweep of %s is not in it", in, out));
    figures.delay = place.delay;

    // The sweep has its exact place now: what is known from before it is the noise.
    const std::size_t first = plan_.before - take.known;
    const auto margin = static_cast<std::size_t>(0.01 * plan_.sweep.rate);
    if (place.start > first + margin) {
        const std::size_t quiet = place.start - first - margin / 2;
        figures.noise_known = true;
        figures.noise_db = db(rms(input.samples.data() + first, quiet) / response);
        if (figures.noise_db > noisy_db)
            figures.warnings.push_back(
                sentence("%s: too noisy: before the sweep it was only %.0f dB below the response; "
                         "small harmonics are noise",
                         in, -figures.noise_db));
    }
    figures.clipped = clipped_runs(input.samples);
    if (figures.clipped > 0)
        figures.warnings.push_back(sentence("%s: clipped %zu times during the sweep; its harmonics "
                                            "are those of the clipping",
                                            in, figures.clipped));
    measure(figures, input, place);
    return figures;
}

LoopAnalysis::Place LoopAnalysis::locate(const LoopTake& take, const LoopRecord& input) const
{
    const std::size_t frames = plan_.take_frames();
    const std::size_t length = std::bit_ceil(frames + plan_.sweep.taps);
    Transform sweep(length);
    std::copy(sweep_.excitation().begin(), sweep_.excitation().end(), sweep.time());
    double energy = 0;
    for (const double sample : sweep_.excitation())
        energy += sample * sample;
    sweep.forward();
    double most = 0;
    for (std::size_t k = 0; k <= length / 2; k++)
        most = std::max(most, std::norm(sweep.bins()[k]));

    // Where the output has the sweep: the peak of their correlation, frame by frame.
    Place place;
    Transform signal(length);
    std::copy(take.played.begin(), take.played.end(), signal.time());
    signal.forward();
    for (std::size_t k = 0; k <= length / 2; k++)
        signal.bins()[k] *= std::conj(sweep.bins()[k]);
    signal.inverse();
    for (std::size_t lag = 0; lag <= 2 * plan_.before; lag++)
        if (std::abs(signal.time()[lag]) > std::abs(signal.time()[place.start])) place.start = lag;
    place.gain = signal.time()[place.start] / static_cast<double>(length) / energy;
    const double played = rms(take.played.data() + place.start, plan_.sweep_frames);
    place.rest = played * played * static_cast<double>(plan_.sweep_frames) /
                     (place.gain * place.gain * energy) -
                 1;

    // Where the input has it: the strongest tap of the response, the sweep's spectrum divided out.
    std::fill_n(signal.time(), length, 0.0);
    std::copy(input.samples.begin(), input.samples.end(), signal.time());
    signal.forward();
    for (std::size_t k = 0; k <= length / 2; k++) {
        const std::complex<double> bin = sweep.bins()[k];
        signal.bins()[k] *= std::conj(bin) / (std::norm(bin) + 1e-6 * most);
    }
    signal.inverse();
    double sum = 0;
    double peak = 0;
    for (std::size_t i = 0; i < length; i++)
        sum += signal.time()[i] * signal.time()[i];
    for (std::size_t d = 0; d <= plan_.most_delay && place.start + d < frames; d++) {
        const double tap = std::abs(signal.time()[place.start + d]);
        if (tap <= peak) continue;
        peak = tap;
        place.delay = static_cast<long>(d);
    }
    place.crest = peak / std::sqrt(sum / static_cast<double>(length));
    return place;
}

void LoopAnalysis::measure(LoopFigures& figures, const LoopRecord& input, const Place& place) const
{
    const std::size_t from = place.start + static_cast<std::size_t>(place.delay);
    std::vector<double> response(plan_.take_frames() - from);
    for (std::size_t i = 0; i < response.size(); i++)
        response[i] = static_cast<double>(input.samples[from + i]) / place.gain;
    std::vector<double> responses(plan_.sweep.harmonics * plan_.sweep.taps);
    sweep_.analyse(response.data(), response.size(), responses.data());

    const double fundamental = amplitude(responses, 1, plan_.reference_hz);
    figures.gain_db = db(fundamental);
    double power = 0;
    for (std::size_t m = 2; m <= plan_.sweep.harmonics; m++) {
        const double harmonic = amplitude(responses, m, plan_.reference_hz);
        const double ratio = harmonic / fundamental;
        figures.harmonics_db.push_back(static_cast<float>(std::isnan(harmonic) ? NAN : db(ratio)));
        if (!std::isnan(harmonic)) power += ratio * ratio;
    }
    figures.thd_percent = 100 * std::sqrt(power);
    for (std::size_t m = 1; m <= plan_.sweep.harmonics; m++) {
        std::vector<float> row;
        for (const float hz : grid_) {
            const double found = amplitude(responses, m, static_cast<double>(hz));
            row.push_back(static_cast<float>(std::isnan(found) ? NAN : db(found)));
        }
        figures.responses_db.push_back(std::move(row));
    }
}

/// What a sine of `hz` makes at its m-fold; NaN where that is above the band.
double LoopAnalysis::amplitude(const std::vector<double>& responses, std::size_t order,
                               double hz) const
{
    const double at = hz * static_cast<double>(order);
    if (at > highest * plan_.sweep.rate) return NAN;
    const double* const taps = responses.data() + (order - 1) * plan_.sweep.taps;
    const std::complex<double> turn =
        std::polar(1.0, -2 * std::numbers::pi * at / plan_.sweep.rate);
    std::complex<double> sum = 0;
    for (std::size_t i = plan_.sweep.taps; i-- > 0;)
        sum = sum * turn + taps[i]; // Horner
    return std::abs(sum);
}

} // namespace asiowire
