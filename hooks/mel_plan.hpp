// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/mel_filterbank.hpp"
#include "hooks/mel_settings.hpp"
#include "hooks/mel_tables.hpp"

#include <memory>
#include <new>
#include <vector>

namespace asiowire {

/// Memory on a cache line's boundary, for a kernel.
using Workspace = std::unique_ptr<void, void (*)(void*)>;

/// The kernel for this processor; asked once, the same ever after.
/// [any-thread]
const MelKernel& best_kernel();

/// What a spectrogram of given settings is computed with: all tables, and the kernel.
///
/// [any-thread]  not changed after construction
/// Errors   construction and new_workspace throw std::bad_alloc
class MelPlan {
public:
    explicit MelPlan(const MelSettings& settings, const MelKernel& kernel = best_kernel());
    MelPlan(const MelPlan&) = delete;
    MelPlan& operator=(const MelPlan&) = delete;

    const MelSettings& settings() const { return settings_; }
    std::size_t block() const { return tables_.block; }
    Workspace new_workspace() const;

    /// As MelKernel::compute.
    std::size_t compute(void* workspace, const float* samples, std::size_t frames, float* out,
                        std::size_t stride) const
    {
        return kernel_.compute(tables_, workspace, samples, frames, out, stride);
    }

private:
    void place_samples();
    void make_window(const std::vector<std::uint32_t>& order);
    void make_filters();

    MelSettings settings_;
    const MelKernel& kernel_;
    MelTables tables_{};
    std::vector<std::uint32_t> offsets_;
    std::vector<float> window32_;
    std::vector<double> window64_;
    MelFilterbank bank_;
    std::vector<float> weights32_;
    std::vector<float> doubt_;
    std::vector<Complex64> factors_; ///< everything of the transform
};

} // namespace asiowire
