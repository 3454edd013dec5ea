// SPDX-License-Identifier: MIT
#pragma once

#include "windows_api.hpp" // first: it keeps min and max from becoming macros

#include <string>
#include <vector>

#include "asio/asio_abi.hpp"
#include "failure.hpp"

namespace asiohost {

/// One ASIO driver as the registry names it.
struct DriverEntry {
    std::string name;        // key under HKLM\Software\ASIO
    std::string description; // what hosts show; the name where there is none
    std::string clsid_text;  // {…}
    CLSID clsid{};
    bool clsid_valid = false;
};

/// Every driver registered for programs of this bitness.
///
/// [main-thread]
/// Source   HKLM\Software\ASIO\<name>\{CLSID,Description}; 32-bit programs see their own view
std::vector<DriverEntry> list_drivers();

/// The driver of that name or description, or the only one there is when `name` is empty.
///
/// [main-thread]
/// Errors   not_found with the names there are; usage when the name is needed and missing
Result<DriverEntry> find_driver(const std::string& name);

/// Makes the driver object as most hosts do: CoCreateInstance with the CLSID as interface id.
///
/// [any thread, COM initialised]
/// Ownership  the caller releases the object
/// Errors   not_found when the class cannot be made
Result<asio::IAsio*> create_driver(const DriverEntry& entry);

/// A driver made without COM; the library may be freed after the object is released.
struct LoadedDriver {
    asio::IAsio* object;
    HMODULE library;
};

/// Makes the driver object as some hosts do: LoadLibrary, DllGetClassObject, CreateInstance.
///
/// [any thread]
/// Source   HKCR\CLSID\{…}\InprocServer32
/// Ownership  the caller releases the object and frees the library
Result<LoadedDriver> load_driver(const DriverEntry& entry);

} // namespace asiohost
