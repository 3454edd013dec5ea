// SPDX-License-Identifier: MIT
#include "driver_list.hpp"

#include <array>
#include <objbase.h>

namespace asiohost {
namespace {

std::string read_text(HKEY root, const std::string& path, const char* value)
{
    std::array<char, 1024> text{};
    DWORD size = text.size() - 1; // one byte stays 0: a registry string need not end with one
    DWORD type = 0;
    HKEY key;
    if (RegOpenKeyExA(root, path.c_str(), 0, KEY_READ, &key) != ERROR_SUCCESS) return {};
    const auto status =
        RegQueryValueExA(key, value, nullptr, &type, reinterpret_cast<BYTE*>(text.data()), &size);
    RegCloseKey(key);
    if (status != ERROR_SUCCESS || (type != REG_SZ && type != REG_EXPAND_SZ)) return {};
    return text.data();
}

bool parse_clsid(const std::string& text, CLSID& clsid)
{
    std::array<WCHAR, 64> wide{};
    MultiByteToWideChar(CP_ACP, 0, text.c_str(), -1, wide.data(), wide.size() - 1);
    return SUCCEEDED(CLSIDFromString(wide.data(), &clsid));
}

Failure cannot_make(const DriverEntry& entry, const char* call, unsigned long code)
{
    return {ExitCode::not_found,
            format("The driver \"%s\" is registered, but %s(%s) failed with 0x%08lx: its DLL is "
                   "missing or does not load in a %d-bit program.",
                   entry.name.c_str(), call, entry.clsid_text.c_str(), code,
                   static_cast<int>(sizeof(void*) * 8))};
}

} // namespace

std::vector<DriverEntry> list_drivers()
{
    static const std::string kRoot = "Software\\ASIO";
    std::vector<DriverEntry> drivers;
    HKEY root;
    if (RegOpenKeyExA(HKEY_LOCAL_MACHINE, kRoot.c_str(), 0, KEY_READ, &root) != ERROR_SUCCESS)
        return drivers;
    std::array<char, 256> name{};
    for (DWORD i = 0;; i++) {
        DWORD length = name.size();
        if (RegEnumKeyExA(root, i, name.data(), &length, nullptr, nullptr, nullptr, nullptr) !=
            ERROR_SUCCESS)
            break;
        DriverEntry entry;
        entry.name = name.data();
        const std::string path = kRoot + "\\" + entry.name;
        entry.description = read_text(HKEY_LOCAL_MACHINE, path, "Description");
        if (entry.description.empty()) entry.description = entry.name;
        entry.clsid_text = read_text(HKEY_LOCAL_MACHINE, path, "CLSID");
        entry.clsid_valid = parse_clsid(entry.clsid_text, entry.clsid);
        drivers.push_back(std::move(entry));
    }
    RegCloseKey(root);
    return drivers;
}

Result<DriverEntry> find_driver(const std::string& name)
{
    const auto drivers = list_drivers();
    std::string known;
    for (const auto& entry : drivers)
        known += (known.empty() ? "\"" : ", \"") + entry.name + "\"";
    if (drivers.empty())
        return failure(ExitCode::not_found,
                       "No ASIO driver is registered (HKLM\\Software\\ASIO is empty).");
    if (name.empty()) {
        if (drivers.size() == 1) return drivers.front();
        return failure(ExitCode::usage, "Say which driver with --driver: " + known + ".");
    }
    for (const auto& entry : drivers) {
        if (lstrcmpiA(entry.name.c_str(), name.c_str()) != 0 &&
            lstrcmpiA(entry.description.c_str(), name.c_str()) != 0)
            continue;
        if (entry.clsid_valid) return entry;
        return failure(ExitCode::not_found,
                       format("The driver \"%s\" is registered with \"%s\", which is no CLSID.",
                              entry.name.c_str(), entry.clsid_text.c_str()));
    }
    return failure(ExitCode::not_found,
                   "There is no ASIO driver \"" + name + "\"; registered: " + known + ".");
}

Result<asio::IAsio*> create_driver(const DriverEntry& entry)
{
    void* object = nullptr;
    const HRESULT status =
        CoCreateInstance(entry.clsid, nullptr, CLSCTX_INPROC_SERVER, entry.clsid, &object);
    if (FAILED(status) || object == nullptr)
        return std::unexpected(
            cannot_make(entry, "CoCreateInstance", static_cast<unsigned>(status)));
    return static_cast<asio::IAsio*>(object);
}

Result<LoadedDriver> load_driver(const DriverEntry& entry)
{
    const std::string path =
        read_text(HKEY_CLASSES_ROOT, "CLSID\\" + entry.clsid_text + "\\InprocServer32", nullptr);
    const HMODULE library = LoadLibraryA(path.c_str());
    if (library == nullptr)
        return std::unexpected(cannot_make(entry, "LoadLibrary", GetLastError()));

    using GetClass = HRESULT(STDAPICALLTYPE*)(REFCLSID, REFIID, void**);
    const auto get_class = reinterpret_cast<GetClass>(
        reinterpret_cast<void*>(GetProcAddress(library, "DllGetClassObject")));
    IClassFactory* factory = nullptr;
    void* object = nullptr;
    HRESULT status = E_NOINTERFACE;
    if (get_class != nullptr)
        status = get_class(entry.clsid, IID_IClassFactory, reinterpret_cast<void**>(&factory));
    if (SUCCEEDED(status) && factory != nullptr) {
        status = factory->CreateInstance(nullptr, entry.clsid, &object);
        factory->Release();
    }
    if (FAILED(status) || object == nullptr) {
        FreeLibrary(library);
        return std::unexpected(
            cannot_make(entry, "DllGetClassObject", static_cast<unsigned>(status)));
    }
    return LoadedDriver{static_cast<asio::IAsio*>(object), library};
}

} // namespace asiohost
