// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/mojo_audio.h"

#include <new>
#include <stdexcept>

namespace asiowire {

constexpr std::size_t error_size = 256;

/// This thread's sentence.
/// [any-thread]
char* last_error();

/// Keeps `sentence` for mojo_audio_last_error and returns `status`.
/// [any-thread]
MojoAudioStatus fail(MojoAudioStatus status, const char* sentence);

/// The one way from C++ to C: no exception gets beyond it.
/// [any-thread]
template <class Body> MojoAudioStatus guarded(Body body)
{
    try {
        return body();
    } catch (const std::bad_alloc&) {
        return fail(MOJO_AUDIO_ERROR_ALLOCATION, "out of memory");
    } catch (const std::length_error&) {
        return fail(MOJO_AUDIO_ERROR_ALLOCATION, "more values than memory can hold");
    }
}

} // namespace asiowire
