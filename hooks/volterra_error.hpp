// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/asiowire_volterra.h"

#include <cstdio>
#include <new>
#include <stdexcept>

namespace asiowire {

constexpr std::size_t volterra_error_size = 256;

/// This thread's sentence.
/// [any-thread]
char* volterra_last_error();

/// Keeps a sentence for asiowire_volterra_last_error and returns `status`.
/// [any-thread]
template <class... Values>
AsiowireVolterraStatus volterra_fail(AsiowireVolterraStatus status, const char* format,
                                     Values... values)
{
    std::snprintf(volterra_last_error(), volterra_error_size, format, values...);
    return status;
}

inline AsiowireVolterraStatus volterra_refuse(const char* sentence)
{
    return volterra_fail(ASIOWIRE_VOLTERRA_INVALID_INPUT, "%s", sentence);
}

inline AsiowireVolterraStatus volterra_check_range(const char* name, std::int32_t value,
                                                   std::int32_t least, std::int32_t most)
{
    if (value >= least && value <= most) return ASIOWIRE_VOLTERRA_SUCCESS;
    return volterra_fail(ASIOWIRE_VOLTERRA_INVALID_INPUT, "%s is %d; it can be %d to %d", name,
                         value, least, most);
}

/// The one way from C++ to C: no exception gets beyond it.
/// [any-thread]
template <class Body> AsiowireVolterraStatus volterra_guarded(Body body)
{
    try {
        body();
        return ASIOWIRE_VOLTERRA_SUCCESS;
    } catch (const std::bad_alloc&) {
        return volterra_fail(ASIOWIRE_VOLTERRA_ALLOCATION, "out of memory");
    } catch (const std::length_error&) {
        return volterra_fail(ASIOWIRE_VOLTERRA_ALLOCATION, "more values than memory can hold");
    }
}

} // namespace asiowire
