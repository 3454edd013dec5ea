// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <windows.h>

namespace asiowire {

/// The host's executable name without folder and ".exe", in UTF-8: the node's name in the graph.
/// [any-thread]
template <std::size_t bytes> void copy_program_name(char (&to)[bytes])
{
    wchar_t path[MAX_PATH] = L"";
    GetModuleFileNameW(nullptr, path, MAX_PATH - 1);
    std::wstring name = path;
    name.erase(0, name.find_last_of(L"\\/") + 1); // npos + 1 is 0: no folder, nothing to remove
    if (const auto dot = name.rfind(L'.'); dot != std::wstring::npos && dot > 0) name.erase(dot);
    name.resize(std::min(name.size(), (bytes - 1) / 3)); // a UTF-16 unit takes at most 3 bytes
    const int length = WideCharToMultiByte(CP_UTF8, 0, name.data(), static_cast<int>(name.size()),
                                           to, static_cast<int>(bytes - 1), nullptr, nullptr);
    to[length] = '\0';
}

} // namespace asiowire
