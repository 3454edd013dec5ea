// SPDX-License-Identifier: MIT
#pragma once

#include "core/rt.hpp"
#include "core/status.hpp"
#include "wine/abi.h"

#include <cstdint>
#include <string_view>

namespace asiowire::unix_half {

/// Finds asiowire.so through Wine, once per process; cheap afterwards.
///
/// [any-thread]
/// Errors   no_unix_half, with the reason in words in why()
/// Source   Wine 8.0 … 10.0: dlls/ntdll/unix/virtual.c (memory information class 1000) and
///          dlls/ntdll/loader.c (__wine_unix_call_dispatcher)
Status load();

/// The sentence for the last failed load(); "" after success.
const char* why();

/// The raw door: one call, on this thread, at once.
/// [any-thread & loaded]
std::int32_t call(abi::Call number, void* params) ASIOWIRE_RT;

/// What of the door can be warmed: Wine's code, and our note of where it is.
/// [any-thread & loaded]
struct Entrance {
    const void* code;
    const void* note;
    std::uint32_t note_bytes;
};
Entrance entrance();

/// A call and its answer.
/// [any-thread & loaded]
template <class Params> Status ask(abi::Call number, Params& params)
{
    if (call(number, &params) != 0) return Status::no_unix_half;
    return static_cast<Status>(params.head.status);
}

/// One line into the log; to standard error as long as there is no Unix half.
/// [any-thread but the audio thread]
void log(std::string_view text);

} // namespace asiowire::unix_half
