// SPDX-License-Identifier: MIT
#pragma once

// Stands for the runner of the hook `volterra`. The loop is a float64 model: a polynomial, a filter
// and a delay, whose harmonics are arithmetic (Chebyshev) and the filter's response.

#include "hooks/asiowire_hook.h"
#include "hooks/volterra_excitation.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <functional>
#include <map>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "tests/cmocka.hpp" // last: its macros have the names of functions of the library

namespace loop_bench {

using namespace asiowire;

using Signal = std::vector<double>;

constexpr double rate = 48000;
// Five times f2 is half the rate: no power of the model aliases.
inline const VolterraSweepConfig sweep = {
    .rate = rate, .first = 40, .last = 4800, .seconds = 4, .amplitude = 1};
inline const std::vector<std::string> same = {"f1=40", "f2=4800", "seconds=4"};

/// What the hook has published.
struct Heard {
    std::map<std::string, double> numbers;
    std::map<std::string, std::vector<float>> arrays;
    std::vector<std::string> events;

    bool says(const std::string& words) const
    {
        for (const std::string& event : events)
            if (event.find(words) != std::string::npos) return true;
        return false;
    }
};

/// Stands for the runner.
class Bench {
public:
    explicit Bench(const std::vector<std::string>& given,
                   std::vector<const char*> names = {"in_1", "out_1"}, double at = rate)
        : rate_(at), names_(std::move(names))
    {
        host_ = {ASIOWIRE_HOOK_ABI, sizeof host_, this, number, array, event};
        hook_ = asiowire_hook(ASIOWIRE_HOOK_ABI);
        for (const AsioWireHookSettingInfo* info = hook_->settings; info->key != nullptr; info++) {
            AsioWireHookSetting one = {info->key, info->default_value};
            for (const std::string& word : given)
                if (word.starts_with(std::string(info->key) + "="))
                    one.value = word.c_str() + word.find('=') + 1;
            settings_.push_back(one);
        }
        settings_.push_back({nullptr, nullptr});
        const AsioWireHookStream stream = {sizeof stream, static_cast<uint32_t>(names_.size()),
                                           8192, static_cast<uint32_t>(at), names_.data()};
        created_ = hook_->create(&host_, &stream, settings_.data(), &self_) == 0;
    }
    ~Bench() { end(); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    bool created() const { return created_; }
    Heard& heard() { return heard_; }
    void jump(uint64_t frames) { position_ += frames; }
    void lose(uint64_t frames)
    {
        position_ += frames;
        lost_ = frames;
    }

    /// [channel][frame], in blocks of changing size.
    void play(const std::vector<Signal>& channels)
    {
        std::vector<std::vector<float>> samples;
        for (const Signal& channel : channels)
            samples.emplace_back(channel.begin(), channel.end());
        for (std::size_t first = 0; first < samples[0].size();) {
            const std::size_t frames =
                std::min(samples[0].size() - first, std::size_t{1} + random_() % 2000);
            std::vector<const float*> planes;
            for (const auto& channel : samples)
                planes.push_back(channel.data() + first);
            const AsioWireHookBlock block = {sizeof block,
                                             static_cast<uint32_t>(planes.size()),
                                             static_cast<uint32_t>(frames),
                                             static_cast<uint32_t>(rate_),
                                             position_,
                                             lost_,
                                             planes.data()};
            if (hook_->process(self_, &block) != 0) failed_ = true;
            lost_ = 0;
            position_ += frames;
            first += frames;
        }
    }

    /// Nothing but silence, until the last take's figures are there.
    void rest(double seconds = 2)
    {
        play(std::vector<Signal>(names_.size(), Signal(static_cast<std::size_t>(seconds * rate_))));
    }

    Heard end()
    {
        if (created_) hook_->destroy(self_);
        created_ = false;
        assert_false(failed_);
        return heard_;
    }

private:
    static Bench& self(const AsioWireHookHost* host) { return *static_cast<Bench*>(host->runner); }
    static int32_t number(const AsioWireHookHost* host, const char* name, double value)
    {
        self(host).heard_.numbers[name] = value;
        return 0;
    }
    static int32_t array(const AsioWireHookHost* host, const char* name, const float* values,
                         uint32_t count)
    {
        self(host).heard_.arrays[name].assign(values, values + count);
        return 0;
    }
    static int32_t event(const AsioWireHookHost* host, int32_t, const char* text)
    {
        Bench& bench = self(host);
        std::printf("    %7.3f s  %s\n", static_cast<double>(bench.position_) / bench.rate_, text);
        bench.heard_.events.emplace_back(text);
        return 0;
    }

    double rate_;
    std::vector<const char*> names_;
    AsioWireHookHost host_{};
    const AsioWireHook* hook_ = nullptr;
    std::vector<AsioWireHookSetting> settings_;
    void* self_ = nullptr;
    bool created_ = false;
    bool failed_ = false;
    uint64_t position_ = 12345;
    uint64_t lost_ = 0;
    std::minstd_rand random_{5};
    Heard heard_;
};

constexpr double coefficients[5] = {1, 0.05, 0.03, 0.02, 0.01};
inline const Signal filter = {0.5, 0.3, -0.2, 0.1, 0.05};
constexpr std::size_t delay = 777;

inline double polynomial(double x)
{
    double y = 0;
    for (int p = 5; p >= 1; p--)
        y = (y + coefficients[p - 1]) * x;
    return y;
}

/// What a sine of this amplitude has at its m-fold behind the polynomial.
inline double harmonic(int m, double a)
{
    const auto c = [&](int p) { return coefficients[p - 1] * std::pow(a, p); };
    switch (m) {
    case 1:
        return c(1) + c(3) * 3 / 4 + c(5) * 5 / 8;
    case 2:
        return c(2) / 2 + c(4) / 2;
    case 3:
        return c(3) / 4 + c(5) * 5 / 16;
    case 4:
        return c(4) / 8;
    default:
        return c(5) / 16;
    }
}

inline double filter_at(double hz)
{
    std::complex<double> sum = 0;
    for (std::size_t k = 0; k < filter.size(); k++)
        sum +=
            filter[k] * std::polar(1.0, -2 * std::numbers::pi * hz / rate * static_cast<double>(k));
    return std::abs(sum);
}

inline Signal through(const Signal& x, const std::function<double(double)>& shape)
{
    Signal y(x.size());
    for (std::size_t n = 0; n < x.size(); n++)
        for (std::size_t k = 0; k < filter.size() && k + delay <= n; k++)
            y[n] += filter[k] * shape(x[n - k - delay]);
    return y;
}

inline Signal played(double amplitude, double before = 0.7, double after = 1.5,
                     VolterraSweepConfig config = sweep)
{
    Signal x(static_cast<std::size_t>(before * rate) + 3);
    for (const double sample : VolterraExcitation(config).samples())
        x.push_back(amplitude * sample);
    x.resize(x.size() + static_cast<std::size_t>(after * rate));
    return x;
}

inline Signal noise(std::size_t frames, double level, unsigned seed = 1)
{
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0, level);
    Signal values(frames);
    for (double& value : values)
        value = normal(random);
    return values;
}

inline Signal sum(Signal a, const Signal& b)
{
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); i++)
        a[i] += b[i];
    return a;
}

inline double db(double amplitude)
{
    return 20 * std::log10(amplitude);
}

inline void near(double found, double right, double budget, const char* what)
{
    if (std::abs(found - right) <= budget) return;
    std::printf("    %s: %.6f, %.6f expected\n", what, found, right);
    fail();
}

} // namespace loop_bench
