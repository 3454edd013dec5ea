// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/asiowire_volterra.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <vector>

// What the tests of the Volterra library share: kernels, the C interface as a class, and the sums
// as the definition has them, in long double.

struct Values {
    std::size_t taps = 1;
    std::vector<double> h[5]; ///< empty: the order is missing; h[1] is h2's diagonal
    std::vector<double> h2_full;

    const double* at(std::size_t order) const
    {
        return h[order - 1].empty() ? nullptr : h[order - 1].data();
    }
};

inline std::vector<double> noise(std::mt19937& random, std::size_t n, double level = 1)
{
    std::uniform_real_distribution<double> some(-level, level);
    std::vector<double> values(n);
    for (double& value : values)
        value = some(random);
    return values;
}

/// Orders 1 to 5 whose bits are set; taps of any size that decay.
inline Values random_values(std::mt19937& random, std::size_t taps, unsigned orders = 31)
{
    Values values{.taps = taps};
    for (std::size_t p = 0; p < 5; p++) {
        if ((orders >> p & 1) == 0) continue;
        values.h[p] = noise(random, taps);
        for (std::size_t k = 0; k < taps; k++)
            values.h[p][k] *= std::exp(-3.0 * static_cast<double>(k) / static_cast<double>(taps));
    }
    return values;
}

/// The definition. [frames²], so for short signals.
inline std::vector<double> definition(const Values& values, const std::vector<double>& x)
{
    std::vector<double> y(x.size());
    for (std::size_t n = 0; n < x.size(); n++) {
        long double sum = 0;
        const std::size_t reach = std::min(values.taps, n + 1);
        for (std::size_t k = 0; k < reach; k++) {
            long double power = 1;
            for (std::size_t p = 0; p < 5; p++) {
                power *= x[n - k];
                if (!values.h[p].empty()) sum += values.h[p][k] * power;
            }
            if (values.h2_full.empty()) continue;
            for (std::size_t j = 0; j < reach; j++)
                sum += static_cast<long double>(values.h2_full[k * values.taps + j]) * x[n - k] *
                       x[n - j];
        }
        y[n] = static_cast<double>(sum);
    }
    return y;
}

class Kernel {
public:
    explicit Kernel(const Values& v)
    {
        status = asiowire_volterra_kernel_create(v.taps, v.at(1), v.at(2),
                                                 v.h2_full.empty() ? nullptr : v.h2_full.data(),
                                                 v.at(3), v.at(4), v.at(5), &kernel_);
    }
    ~Kernel() { asiowire_volterra_kernel_free(kernel_); }
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;
    operator const AsiowireVolterraKernel*() const { return kernel_; }
    AsiowireVolterraStatus status;

private:
    AsiowireVolterraKernel* kernel_ = nullptr;
};

inline AsiowireVolterraStatus process(AsiowireVolterraProcessor* p, const float* const* in,
                                      float* const* out, std::size_t frames)
{
    return asiowire_volterra_process_f32(p, in, out, frames);
}

inline AsiowireVolterraStatus process(AsiowireVolterraProcessor* p, const double* const* in,
                                      double* const* out, std::size_t frames)
{
    return asiowire_volterra_process_f64(p, in, out, frames);
}

/// One channel of samples of type T, [control-thread] and [audio-thread] in one.
template <class T> class Processor {
public:
    Processor(const Values& values, AsiowireVolterraConfig config)
    {
        config.precision = sizeof(T) == 4 ? ASIOWIRE_VOLTERRA_FLOAT32 : ASIOWIRE_VOLTERRA_FLOAT64;
        const Kernel kernel(values);
        status = asiowire_volterra_processor_create(kernel, &config, &processor_);
    }
    ~Processor() { asiowire_volterra_processor_free(processor_); }
    Processor(const Processor&) = delete;
    Processor& operator=(const Processor&) = delete;

    /// The signal in blocks of these sizes, over and over.
    std::vector<T> run(const std::vector<T>& x, const std::vector<std::size_t>& blocks)
    {
        std::vector<T> y(x.size());
        std::size_t at = 0;
        for (std::size_t turn = 0; at < x.size(); turn++) {
            const std::size_t frames = std::min(blocks[turn % blocks.size()], x.size() - at);
            const T* in = x.data() + at;
            T* out = y.data() + at;
            process(processor_, &in, &out, frames);
            at += frames;
        }
        return y;
    }
    void set(const Values& values)
    {
        const Kernel kernel(values);
        status = asiowire_volterra_processor_set_kernel(processor_, kernel);
    }
    AsiowireVolterraInfo info() const
    {
        AsiowireVolterraInfo info{};
        asiowire_volterra_processor_get_info(processor_, &info);
        return info;
    }
    AsiowireVolterraProcessor* get() { return processor_; }
    AsiowireVolterraStatus status;

private:
    AsiowireVolterraProcessor* processor_ = nullptr;
};

/// The largest difference, relative to the peak of what is right; infinite for what is no number.
template <class T> double apart(const std::vector<T>& ours, const std::vector<double>& right)
{
    if (ours.size() != right.size()) return INFINITY;
    double peak = 0;
    double most = 0;
    for (std::size_t i = 0; i < right.size(); i++) {
        peak = std::max(peak, std::abs(right[i]));
        const double off = std::abs(static_cast<double>(ours[i]) - right[i]);
        if (!(off <= most)) most = std::isnan(off) ? INFINITY : off;
    }
    return peak == 0 ? most : most / peak;
}

template <class T> std::vector<T> rounded(const std::vector<double>& x)
{
    return std::vector<T>(x.begin(), x.end());
}

inline AsiowireVolterraConfig config_of(int engine, int block = 512, int oversampling = 1)
{
    AsiowireVolterraConfig config = asiowire_volterra_config_default();
    config.engine = engine;
    config.block_frames = block;
    config.oversampling = oversampling;
    return config;
}
