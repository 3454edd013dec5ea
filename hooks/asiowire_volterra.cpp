// SPDX-License-Identifier: MIT
#include "hooks/asiowire_volterra.h"

#include "hooks/volterra_error.hpp"
#include "hooks/volterra_processor.hpp"

#include <cmath>
#include <memory>

using namespace asiowire;

struct AsiowireVolterraKernel {
    VolterraModel model;
};

struct AsiowireVolterraProcessor {
    std::unique_ptr<VolterraProcessor<float>> f32;
    std::unique_ptr<VolterraProcessor<double>> f64;
};

namespace {

constexpr std::size_t most_taps = 16777216;
constexpr std::int32_t most_frames = 1048576;
constexpr std::int32_t most_channels = 4096;

AsiowireVolterraStatus check_finite(const char* name, const double* values, std::size_t count)
{
    if (values == nullptr) return ASIOWIRE_VOLTERRA_SUCCESS;
    for (std::size_t i = 0; i < count; i++)
        if (!std::isfinite(values[i]))
            return volterra_fail(ASIOWIRE_VOLTERRA_INVALID_INPUT, "value %zu of %s is not finite",
                                 i, name);
    return ASIOWIRE_VOLTERRA_SUCCESS;
}

AsiowireVolterraStatus check(const AsiowireVolterraConfig& config)
{
    const struct {
        const char* name;
        std::int32_t value, least, most;
    } ranges[] = {
        {"precision", config.precision, 0, 1},
        {"engine", config.engine, 0, 2},
        {"channels", config.channels, 1, most_channels},
        {"block_frames", config.block_frames, 1, most_frames},
        {"oversampling", config.oversampling, 1, 4},
        {"fade_frames", config.fade_frames, 0, most_frames},
    };
    for (const auto& range : ranges)
        if (const auto status =
                volterra_check_range(range.name, range.value, range.least, range.most))
            return status;
    if (config.oversampling == 3) return volterra_refuse("oversampling is 3; it can be 1, 2 or 4");
    return ASIOWIRE_VOLTERRA_SUCCESS;
}

VolterraConfig ours(const AsiowireVolterraConfig& config)
{
    const VolterraWay ways[] = {VolterraWay::automatic, VolterraWay::direct,
                                VolterraWay::partitioned};
    return {.channels = static_cast<std::size_t>(config.channels),
            .block = static_cast<std::size_t>(config.block_frames),
            .way = ways[config.engine],
            .oversampling = static_cast<std::size_t>(config.oversampling),
            .fade = static_cast<std::size_t>(config.fade_frames)};
}

template <class T> void fill(const VolterraProcessor<T>& from, AsiowireVolterraInfo& info)
{
    const auto& facts = from.facts();
    const bool partitioned = facts.plan.way == VolterraWay::partitioned;
    info.precision =
        sizeof(T) == sizeof(float) ? ASIOWIRE_VOLTERRA_FLOAT32 : ASIOWIRE_VOLTERRA_FLOAT64;
    info.engine = partitioned ? ASIOWIRE_VOLTERRA_PARTITIONED : ASIOWIRE_VOLTERRA_DIRECT;
    info.channels = static_cast<std::int32_t>(from.config().channels);
    info.oversampling = static_cast<std::int32_t>(from.config().oversampling);
    info.taps = static_cast<std::int32_t>(facts.taps);
    info.orders = static_cast<std::int32_t>(facts.orders);
    info.partition_frames = static_cast<std::int32_t>(facts.plan.block);
    info.latency_frames = static_cast<std::int32_t>(from.latency());
    info.exchanging = from.is_exchanging() ? 1 : 0;
    info.bytes = facts.plan.bytes;
    info.instructions = volterra_kernels<T>().name;
}

template <class T>
AsiowireVolterraStatus process(VolterraProcessor<T>* processor, const T* const* in, T* const* out,
                               std::size_t frames)
{
    if (processor == nullptr) return volterra_refuse("processor is NULL or of the other precision");
    if (frames == 0) return ASIOWIRE_VOLTERRA_SUCCESS;
    if (in == nullptr || out == nullptr) return volterra_refuse("in or out is NULL");
    processor->process(in, out, frames);
    return ASIOWIRE_VOLTERRA_SUCCESS;
}

} // namespace

namespace asiowire {

char* volterra_last_error()
{
    static thread_local char sentence[volterra_error_size];
    return sentence;
}

} // namespace asiowire

void asiowire_volterra_version(int32_t* major, int32_t* minor, int32_t* patch)
{
    if (major != nullptr) *major = ASIOWIRE_VOLTERRA_VERSION_MAJOR;
    if (minor != nullptr) *minor = ASIOWIRE_VOLTERRA_VERSION_MINOR;
    if (patch != nullptr) *patch = ASIOWIRE_VOLTERRA_VERSION_PATCH;
}

const char* asiowire_volterra_last_error(void)
{
    return volterra_last_error();
}

AsiowireVolterraStatus asiowire_volterra_kernel_create(size_t taps, const double* h1,
                                                       const double* h2, const double* h2_full,
                                                       const double* h3, const double* h4,
                                                       const double* h5,
                                                       AsiowireVolterraKernel** out)
{
    if (out == nullptr) return volterra_refuse("out is NULL");
    *out = nullptr;
    if (taps < 1 || taps > most_taps)
        return volterra_fail(ASIOWIRE_VOLTERRA_INVALID_INPUT, "taps is %zu; it can be 1 to %zu",
                             taps, most_taps);
    if (h2 != nullptr && h2_full != nullptr)
        return volterra_refuse("h2 and h2_full are both given: a full h2 has its own diagonal");
    const double* diagonals[] = {h1, h2, h3, h4, h5};
    const char* names[] = {"h1", "h2", "h3", "h4", "h5"};
    for (std::size_t p = 0; p < volterra_orders; p++)
        if (const auto status = check_finite(names[p], diagonals[p], taps)) return status;
    if (const auto status = check_finite("h2_full", h2_full, taps * taps)) return status;
    return volterra_guarded([&] {
        *out = new AsiowireVolterraKernel{VolterraModel({taps, {h1, h2, h3, h4, h5}, h2_full})};
    });
}

void asiowire_volterra_kernel_free(AsiowireVolterraKernel* kernel)
{
    delete kernel;
}

AsiowireVolterraConfig asiowire_volterra_config_default(void)
{
    return {.precision = ASIOWIRE_VOLTERRA_FLOAT32,
            .engine = ASIOWIRE_VOLTERRA_AUTOMATIC,
            .channels = 1,
            .block_frames = 512,
            .oversampling = 1,
            .fade_frames = 512};
}

AsiowireVolterraStatus asiowire_volterra_memory_estimate(const AsiowireVolterraKernel* kernel,
                                                         const AsiowireVolterraConfig* config,
                                                         uint64_t* out_bytes)
{
    if (kernel == nullptr || out_bytes == nullptr)
        return volterra_refuse("kernel or out_bytes is NULL");
    const auto chosen = config != nullptr ? *config : asiowire_volterra_config_default();
    if (const auto status = check(chosen)) return status;
    const bool is_float = chosen.precision == ASIOWIRE_VOLTERRA_FLOAT32;
    const VolterraPlan plan = is_float ? volterra_plan<float>(kernel->model, ours(chosen))
                                       : volterra_plan<double>(kernel->model, ours(chosen));
    *out_bytes = plan.bytes;
    return ASIOWIRE_VOLTERRA_SUCCESS;
}

AsiowireVolterraStatus asiowire_volterra_processor_create(const AsiowireVolterraKernel* kernel,
                                                          const AsiowireVolterraConfig* config,
                                                          AsiowireVolterraProcessor** out)
{
    if (out == nullptr) return volterra_refuse("out is NULL");
    *out = nullptr;
    if (kernel == nullptr) return volterra_refuse("kernel is NULL");
    const auto chosen = config != nullptr ? *config : asiowire_volterra_config_default();
    if (const auto status = check(chosen)) return status;
    return volterra_guarded([&] {
        auto made = std::make_unique<AsiowireVolterraProcessor>();
        if (chosen.precision == ASIOWIRE_VOLTERRA_FLOAT32)
            made->f32 = std::make_unique<VolterraProcessor<float>>(kernel->model, ours(chosen));
        else
            made->f64 = std::make_unique<VolterraProcessor<double>>(kernel->model, ours(chosen));
        *out = made.release();
    });
}

AsiowireVolterraStatus asiowire_volterra_process_f32(AsiowireVolterraProcessor* processor,
                                                     const float* const* in, float* const* out,
                                                     size_t frames)
{
    return process(processor != nullptr ? processor->f32.get() : nullptr, in, out, frames);
}

AsiowireVolterraStatus asiowire_volterra_process_f64(AsiowireVolterraProcessor* processor,
                                                     const double* const* in, double* const* out,
                                                     size_t frames)
{
    return process(processor != nullptr ? processor->f64.get() : nullptr, in, out, frames);
}

AsiowireVolterraStatus asiowire_volterra_processor_set_kernel(AsiowireVolterraProcessor* processor,
                                                              const AsiowireVolterraKernel* kernel)
{
    if (processor == nullptr || kernel == nullptr)
        return volterra_refuse("processor or kernel is NULL");
    return volterra_guarded([&] {
        if (processor->f32)
            processor->f32->set_model(kernel->model);
        else
            processor->f64->set_model(kernel->model);
    });
}

void asiowire_volterra_processor_reset(AsiowireVolterraProcessor* processor)
{
    if (processor == nullptr) return;
    if (processor->f32)
        processor->f32->reset();
    else
        processor->f64->reset();
}

AsiowireVolterraStatus
asiowire_volterra_processor_get_info(const AsiowireVolterraProcessor* processor,
                                     AsiowireVolterraInfo* out)
{
    if (processor == nullptr || out == nullptr) return volterra_refuse("processor or out is NULL");
    if (processor->f32)
        fill(*processor->f32, *out);
    else
        fill(*processor->f64, *out);
    return ASIOWIRE_VOLTERRA_SUCCESS;
}

void asiowire_volterra_processor_free(AsiowireVolterraProcessor* processor)
{
    delete processor;
}
