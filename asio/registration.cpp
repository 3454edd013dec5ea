// SPDX-License-Identifier: MIT

#include "asio/registration.hpp"

#include "asio/driver.hpp"

#include <cwchar>
#include <string>

extern "C" IMAGE_DOS_HEADER __ImageBase;

namespace asiowire {

namespace {

constexpr wchar_t asio_root[] = L"Software\\ASIO";
constexpr wchar_t asio_key[] = L"Software\\ASIO\\AsioWire";
constexpr wchar_t title[] = L"AsioWire";

std::wstring class_id()
{
    wchar_t text[40] = L"";
    StringFromGUID2(driver_clsid, text, 40);
    return text;
}

std::wstring class_key()
{
    return L"CLSID\\" + class_id();
}

LSTATUS set(HKEY root, const std::wstring& key, const wchar_t* name, const std::wstring& value)
{
    return RegSetKeyValueW(root, key.c_str(), name, REG_SZ, value.c_str(),
                           static_cast<DWORD>((value.size() + 1) * sizeof(wchar_t)));
}

bool is_empty(HKEY root, const wchar_t* path)
{
    HKEY key = nullptr;
    if (RegOpenKeyExW(root, path, 0, KEY_READ, &key) != ERROR_SUCCESS) return false;
    DWORD keys = 0;
    DWORD values = 0;
    const LSTATUS result =
        RegQueryInfoKeyW(key, nullptr, nullptr, nullptr, &keys, nullptr, nullptr, &values, nullptr,
                         nullptr, nullptr, nullptr);
    RegCloseKey(key);
    return result == ERROR_SUCCESS && keys == 0 && values == 0;
}

} // namespace

HRESULT add_registration()
{
    wchar_t path[MAX_PATH] = L"";
    GetModuleFileNameW(reinterpret_cast<HMODULE>(&__ImageBase), path, MAX_PATH - 1);
    const std::wstring server = class_key() + L"\\InprocServer32";
    for (const LSTATUS result : {
             set(HKEY_CLASSES_ROOT, class_key(), nullptr, title),
             set(HKEY_CLASSES_ROOT, server, nullptr, path),
             set(HKEY_CLASSES_ROOT, server, L"ThreadingModel", L"Both"),
             set(HKEY_LOCAL_MACHINE, asio_key, L"CLSID", class_id()),
             set(HKEY_LOCAL_MACHINE, asio_key, L"Description", title),
         })
        if (result != ERROR_SUCCESS) return HRESULT_FROM_WIN32(static_cast<DWORD>(result));
    return S_OK;
}

HRESULT remove_registration()
{
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, asio_key);
    RegDeleteTreeW(HKEY_CLASSES_ROOT, class_key().c_str());
    if (is_empty(HKEY_LOCAL_MACHINE, asio_root)) RegDeleteKeyW(HKEY_LOCAL_MACHINE, asio_root);
    return S_OK;
}

} // namespace asiowire
