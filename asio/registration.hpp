// SPDX-License-Identifier: MIT
#pragma once

#include "asio/entry.hpp"

#include <optional>
#include <windows.h>

namespace asiowire {

/// Writes the two places where hosts and COM look: HKLM\Software\ASIO\AsioWire and
/// HKCR\CLSID\{…}\InprocServer32. Doing it twice changes nothing.
/// [any-thread]
HRESULT add_registration();

/// Removes exactly what add_registration() and add_entry() wrote; a Software\ASIO key that this
/// leaves empty goes, too, because it was made with us.
/// [any-thread]
HRESULT remove_registration();

/// As add_registration(), for the entry of a card; one that the card had before, under whatever
/// name, goes. HKCR\CLSID\{…}\AsioWire says which card it is.
/// [any-thread]
/// Errors   ERROR_INVALID_DATA, ERROR_ALREADY_EXISTS for a name that another driver has, with a sentence
///          on standard error
HRESULT add_entry(const Entry& entry);

/// Removes the entry of a card.
/// [any-thread]
/// Errors   ERROR_FILE_NOT_FOUND, with a sentence on standard error
HRESULT remove_entry(const Entry& entry);

/// [any-thread]
std::optional<Entry> registered_entry(REFCLSID clsid);

} // namespace asiowire
