// SPDX-License-Identifier: MIT
#include "hooks/mel_plan.hpp"

#include "hooks/mel_transform.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace asiowire {

namespace {

constexpr std::align_val_t cache_line{64};

// The float32 kernel's rounding errors in a band, as a share of the frame's whole power times the
// band's weights, times what makes an error of 5e-4 of them (see docs/log-mel.md, Accuracy).
constexpr double doubtful_share = 4e-9;

/// The order in which the 400-point transform takes its samples: [n2][n1], n = 25 n1 + 16 n2.
std::vector<std::uint32_t> order_of(std::size_t n_fft)
{
    std::vector<std::uint32_t> order(n_fft);
    for (std::size_t i = 0; i < n_fft; i++)
        order[i] =
            static_cast<std::uint32_t>(n_fft == 400 ? (25 * (i % 16) + 16 * (i / 16)) % 400 : i);
    return order;
}

} // namespace

MelPlan::MelPlan(const MelSettings& settings, const MelKernel& kernel)
    : settings_(settings), kernel_(kernel)
{
    tables_.n_fft = settings.n_fft();
    tables_.hop = settings.hop();
    tables_.n_mels = settings.n_mels();
    tables_.n_bins = settings.n_fft() / 2 + 1;
    tables_.is_400 = settings.n_fft() == 400;
    place_samples();
    make_filters();
    if (!tables_.is_400) tables_.transform = make_transform(settings.n_fft(), factors_);
}

Workspace MelPlan::new_workspace() const
{
    return {::operator new(kernel_.workspace_bytes(tables_), cache_line),
            [](void* memory) { ::operator delete(memory, cache_line); }};
}

void MelPlan::place_samples()
{
    constexpr std::size_t most_lanes = 16;
    const std::size_t reach = (tables_.n_fft - 1) / tables_.hop; // columns beyond a frame's own
    tables_.block = tables_.n_fft <= 2048 ? 32 : most_lanes;     // what the caches hold
    tables_.rows = std::min(tables_.hop, tables_.n_fft);
    tables_.columns = (tables_.block + reach + most_lanes - 1) / most_lanes * most_lanes;

    const std::vector<std::uint32_t> order = order_of(tables_.n_fft);
    offsets_.reserve(order.size());
    for (const std::uint32_t n : order)
        offsets_.push_back(
            static_cast<std::uint32_t>(n % tables_.hop * tables_.columns + n / tables_.hop));
    tables_.offsets = offsets_.data();
    make_window(order);
}

void MelPlan::make_window(const std::vector<std::uint32_t>& order)
{
    const auto length = static_cast<double>(order.size());
    window64_.reserve(order.size());
    for (const std::uint32_t n : order) {
        const double hann = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * n / length);
        window64_.push_back(order.size() == 1 ? 1.0 : hann); // one sample is not windowed away
    }
    window32_.assign(window64_.begin(), window64_.end());
    tables_.window32 = window32_.data();
    tables_.window64 = window64_.data();
}

void MelPlan::make_filters()
{
    bank_ = make_filterbank(settings_);
    weights32_.assign(bank_.weights.begin(), bank_.weights.end());
    doubt_.reserve(bank_.bands.size());
    for (const MelBand& band : bank_.bands) {
        double sum = 0;
        for (std::size_t i = 0; i < band.n_bins; i++)
            sum += bank_.weights[band.first_weight + i];
        doubt_.push_back(static_cast<float>(doubtful_share * sum));
    }
    tables_.bands = bank_.bands.data();
    tables_.weights32 = weights32_.data();
    tables_.weights64 = bank_.weights.data();
    tables_.doubt = doubt_.data();
}

} // namespace asiowire
