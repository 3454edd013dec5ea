// SPDX-License-Identifier: MIT
#pragma once

// CMocka 1.1 wants these four before it, and forgets extern "C" for C++.
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>

extern "C" {
#include <cmocka.h>
}
