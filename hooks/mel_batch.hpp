// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/mel_plan.hpp"

namespace asiowire {

/// Sample `index` of a signal of `length` samples (at least 1) that is mirrored at its ends as
/// often as needed, counted from the signal's own first sample. [any-thread]
std::size_t mirrored(std::ptrdiff_t index, std::size_t length);

/// Computes all frames of a signal into out[mel × frames + frame].
///
/// [any-thread]
/// Shapes   out: n_mels × frame_count(settings, length)
/// Errors   std::bad_alloc
void compute_batch(const MelPlan& plan, const float* samples, std::size_t length, float* out);

/// Whisper's last two lines: max(x, maximum - 8), then (x + 4) / 4; NaN stays NaN.
/// [any-thread]
void normalize_whisper(float* values, std::size_t count);

} // namespace asiowire
