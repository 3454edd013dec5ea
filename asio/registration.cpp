// SPDX-License-Identifier: MIT

#include "asio/registration.hpp"

#include "wine/pe/unix_half.hpp"

#include <cwchar>
#include <string>
#include <vector>

extern "C" IMAGE_DOS_HEADER __ImageBase;

namespace asiowire {

namespace {

constexpr wchar_t asio_root[] = L"Software\\ASIO";

std::wstring wide(const std::string& utf8)
{
    std::wstring text(utf8.size(), L'\0'); // never more units than bytes
    const int units = MultiByteToWideChar(CP_UTF8, 0, utf8.data(), static_cast<int>(utf8.size()),
                                          text.data(), static_cast<int>(text.size()));
    text.resize(static_cast<std::size_t>(units));
    return text;
}

std::string narrow(const std::wstring& text)
{
    std::string utf8(3 * text.size(), '\0');
    const int bytes =
        WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), utf8.data(),
                            static_cast<int>(utf8.size()), nullptr, nullptr);
    utf8.resize(static_cast<std::size_t>(bytes));
    return utf8;
}

std::wstring class_id(REFCLSID clsid)
{
    wchar_t text[40] = L"";
    StringFromGUID2(clsid, text, 40);
    return text;
}

std::wstring class_key(REFCLSID clsid)
{
    return L"CLSID\\" + class_id(clsid);
}

std::wstring asio_key(const std::wstring& name)
{
    return std::wstring(asio_root) + L"\\" + name;
}

LSTATUS set(HKEY root, const std::wstring& key, const wchar_t* name, const std::wstring& value)
{
    return RegSetKeyValueW(root, key.c_str(), name, REG_SZ, value.c_str(),
                           static_cast<DWORD>((value.size() + 1) * sizeof(wchar_t)));
}

/// "" when there is none.
std::wstring get(HKEY root, const std::wstring& key, const wchar_t* name)
{
    wchar_t text[512] = L"";
    DWORD bytes = sizeof text - sizeof(wchar_t);
    const LSTATUS result =
        RegGetValueW(root, key.c_str(), name, RRF_RT_REG_SZ, nullptr, text, &bytes);
    return result == ERROR_SUCCESS ? text : L"";
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

std::vector<std::wstring> driver_names()
{
    std::vector<std::wstring> names;
    HKEY root = nullptr;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, asio_root, 0, KEY_READ, &root) != ERROR_SUCCESS)
        return names;
    wchar_t name[256];
    for (DWORD i = 0;; i++) {
        DWORD units = 256;
        if (RegEnumKeyExW(root, i, name, &units, nullptr, nullptr, nullptr, nullptr) !=
            ERROR_SUCCESS)
            break;
        names.emplace_back(name);
    }
    RegCloseKey(root);
    return names;
}

LSTATUS write(const Entry& entry)
{
    wchar_t path[MAX_PATH] = L"";
    GetModuleFileNameW(reinterpret_cast<HMODULE>(&__ImageBase), path, MAX_PATH - 1);
    const std::wstring name = wide(entry.name);
    const std::wstring key = class_key(entry.clsid);
    const std::wstring server = key + L"\\InprocServer32";
    LSTATUS results[] = {
        set(HKEY_CLASSES_ROOT, key, nullptr, name),
        set(HKEY_CLASSES_ROOT, server, nullptr, path),
        set(HKEY_CLASSES_ROOT, server, L"ThreadingModel", L"Both"),
        set(HKEY_LOCAL_MACHINE, asio_key(name), L"CLSID", class_id(entry.clsid)),
        set(HKEY_LOCAL_MACHINE, asio_key(name), L"Description", name),
    };
    for (const LSTATUS result : results)
        if (result != ERROR_SUCCESS) return result;
    if (entry.device.empty()) return ERROR_SUCCESS;
    const std::wstring ours = key + L"\\AsioWire";
    const LSTATUS result = set(HKEY_CLASSES_ROOT, ours, L"Device", wide(entry.device));
    return result != ERROR_SUCCESS
               ? result
               : set(HKEY_CLASSES_ROOT, ours, L"Capture", wide(entry.capture));
}

/// Every name that leads to the class, and the class.
bool erase(REFCLSID clsid)
{
    bool found = false;
    for (const std::wstring& name : driver_names())
        if (get(HKEY_LOCAL_MACHINE, asio_key(name), L"CLSID") == class_id(clsid)) {
            found = true;
            RegDeleteTreeW(HKEY_LOCAL_MACHINE, asio_key(name).c_str());
        }
    RegDeleteTreeW(HKEY_CLASSES_ROOT, class_key(clsid).c_str());
    return found;
}

HRESULT refuse(DWORD error, const std::string& sentence)
{
    unix_half::log(sentence);
    return HRESULT_FROM_WIN32(error);
}

} // namespace

HRESULT add_registration()
{
    return HRESULT_FROM_WIN32(static_cast<DWORD>(write({})));
}

HRESULT remove_registration()
{
    for (const std::wstring& name : driver_names()) {
        CLSID clsid{};
        const std::wstring id = get(HKEY_LOCAL_MACHINE, asio_key(name), L"CLSID");
        if (SUCCEEDED(CLSIDFromString(id.c_str(), &clsid)) && registered_entry(clsid)) erase(clsid);
    }
    erase(driver_clsid);
    if (is_empty(HKEY_LOCAL_MACHINE, asio_root)) RegDeleteKeyW(HKEY_LOCAL_MACHINE, asio_root);
    return S_OK;
}

HRESULT add_entry(const Entry& entry)
{
    const bool good = !entry.device.empty() && entry.device.size() < abi::node_bytes &&
                      entry.capture.size() < abi::node_bytes && !entry.name.empty() &&
                      entry.name.size() <= longest_driver_name;
    if (!good || entry.name.find('\\') != std::string::npos)
        return refuse(ERROR_INVALID_DATA, "an entry needs a device and a name without a backslash");
    for (const std::wstring& name : driver_names())
        if (lstrcmpiW(name.c_str(), wide(entry.name).c_str()) == 0 &&
            get(HKEY_LOCAL_MACHINE, asio_key(name), L"CLSID") != class_id(entry.clsid))
            return refuse(ERROR_ALREADY_EXISTS, "there is another ASIO driver with the name \"" +
                                                    entry.name + "\"; give one with --name");
    erase(entry.clsid);
    return HRESULT_FROM_WIN32(static_cast<DWORD>(write(entry)));
}

HRESULT remove_entry(const Entry& entry)
{
    if (registered_entry(entry.clsid) && erase(entry.clsid)) return S_OK;
    return refuse(ERROR_FILE_NOT_FOUND, "there is no entry for \"" + entry.device + "\"");
}

std::optional<Entry> registered_entry(REFCLSID clsid)
{
    const std::wstring key = class_key(clsid);
    Entry entry{.clsid = clsid,
                .name = narrow(get(HKEY_CLASSES_ROOT, key, nullptr)),
                .device = narrow(get(HKEY_CLASSES_ROOT, key + L"\\AsioWire", L"Device")),
                .capture = narrow(get(HKEY_CLASSES_ROOT, key + L"\\AsioWire", L"Capture"))};
    if (entry.device.empty()) return std::nullopt;
    if (entry.name.size() > longest_driver_name) entry.name.resize(longest_driver_name);
    return entry;
}

} // namespace asiowire
