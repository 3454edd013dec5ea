// SPDX-License-Identifier: MIT
#pragma once

// Windows' own header with what this program does not want switched off, in one place.

#ifndef NOMINMAX
#define NOMINMAX
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
