// SPDX-License-Identifier: MIT
#pragma once

/// ASIOWIRE_RT marks a function that runs on the audio thread: no allocation, no lock, no system
/// call, no exception, bounded work. clang 20 and later check it (-Wfunction-effects, an error in
/// this tree); other compilers read it as a remark.
///
/// ASIOWIRE_RT_UNKNOWN(reason) brackets a call into code whose author is not us (the host, a
/// redeclared library function): the checker is switched off inside, and the reason stays visible.
#if defined(__clang__) && __clang_major__ >= 20
#define ASIOWIRE_RT noexcept [[clang::nonblocking]]
#define ASIOWIRE_RT_UNKNOWN_BEGIN(reason)                                                          \
    _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wfunction-effects\"")
#define ASIOWIRE_RT_UNKNOWN_END _Pragma("clang diagnostic pop")
#else
#define ASIOWIRE_RT noexcept
#define ASIOWIRE_RT_UNKNOWN_BEGIN(reason)
#define ASIOWIRE_RT_UNKNOWN_END
#endif
