// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <windows.h>

namespace asiowire {

/// {097FCC47-2791-46BD-84F5-89C8359C8DD4}
inline constexpr CLSID driver_clsid = {
    0x097fcc47, 0x2791, 0x46bd, {0x84, 0xf5, 0x89, 0xc8, 0x35, 0x9c, 0x8d, 0xd4}};
inline constexpr char driver_name[] = "AsioWire";
inline constexpr std::size_t longest_driver_name = 31; // getDriverName has 32 bytes

/// One line in the hosts' list of devices: "AsioWire" for the default devices, and one per card
/// that the user has named. All of them are this DLL; the class id says which one is meant.
struct Entry {
    CLSID clsid = driver_clsid;
    std::string name = driver_name;
    std::string device;  // UTF-8: a node of the card; "" = the default devices
    std::string capture; // the node to record from, where it is not of that card

    /// The entry that a class id stands for, as the registry has it; none when it is not one of
    /// ours.
    /// [any-thread]
    static std::optional<Entry> find(REFCLSID clsid);

    /// From the words of DllInstall: device=…&name=…&capture=…, each value as in a URL.
    /// [any-thread]  pure
    static Entry from_words(std::wstring_view words);
};

/// Every card has one class id, on every machine and in both bitnesses.
/// [any-thread]  pure
CLSID clsid_of_device(std::string_view device);

} // namespace asiowire
