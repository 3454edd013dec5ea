// SPDX-License-Identifier: MIT
#pragma once

#include <windows.h>

namespace asiowire {

/// Writes the two places where hosts and COM look: HKLM\Software\ASIO\AsioWire and
/// HKCR\CLSID\{…}\InprocServer32. Doing it twice changes nothing.
/// [any-thread]
HRESULT add_registration();

/// Removes exactly what add_registration() wrote; a Software\ASIO key that this leaves empty goes,
/// too, because it was made with us.
/// [any-thread]
HRESULT remove_registration();

} // namespace asiowire
