// SPDX-License-Identifier: MIT

#include "wine/pe/unix_half.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <windows.h>

extern "C" IMAGE_DOS_HEADER __ImageBase; // the linker's name for the start of this DLL

namespace asiowire::unix_half {

namespace {

using NtStatus = LONG;
using Dispatcher = NtStatus(WINAPI*)(UINT64 handle, unsigned int code, void* args);
using QueryVirtualMemory = NtStatus(WINAPI*)(HANDLE, LPCVOID, int, PVOID, SIZE_T, SIZE_T*);

constexpr int memory_wine_unix_funcs = 1000; // Wine's own information class
constexpr NtStatus status_dll_not_found = static_cast<NtStatus>(0xc0000135);

// Written once, before `ready`; constant afterwards.
std::atomic<bool> ready{false};
struct {
    Dispatcher dispatcher = nullptr;
    UINT64 functions = 0;
} door;
char reason[abi::message_bytes] = "";
SRWLOCK loading = SRWLOCK_INIT;

template <class Function> Function exported(HMODULE module, const char* name)
{
    return reinterpret_cast<Function>(reinterpret_cast<void*>(GetProcAddress(module, name)));
}

Status fail(const char* text)
{
    std::snprintf(reason, sizeof reason, "%s", text);
    log(reason);
    return Status::no_unix_half;
}

Status find()
{
    const HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    const auto query = exported<QueryVirtualMemory>(ntdll, "NtQueryVirtualMemory");
    // Wine 9 and later export a pointer to the function, Wine 8 the function itself.
    const auto* pointer = exported<Dispatcher*>(ntdll, "__wine_unix_call_dispatcher");
    door.dispatcher = pointer != nullptr ? *pointer : exported<Dispatcher>(ntdll, "__wine_unix_call");
    if (query == nullptr || door.dispatcher == nullptr)
        return fail("This is not Wine 8 or newer; AsioWire works only under Wine.");

    const NtStatus status = query(GetCurrentProcess(), &__ImageBase, memory_wine_unix_funcs,
                                  &door.functions, sizeof door.functions, nullptr);
    if (status == 0) return Status::ok;
    if (status == status_dll_not_found)
        return fail("Wine did not find asiowire.so; install it or set WINEDLLPATH to its folder.");
    char text[abi::message_bytes];
    std::snprintf(text, sizeof text, "Wine could not load asiowire.so (status %08lx).", status);
    return fail(text);
}

} // namespace

Status load()
{
    if (ready.load(std::memory_order_acquire)) return Status::ok;
    AcquireSRWLockExclusive(&loading);
    Status status = Status::ok;
    if (!ready) {
        reason[0] = '\0';
        status = find();
        ready = status == Status::ok;
    }
    ReleaseSRWLockExclusive(&loading);
    return status;
}

const char* why()
{
    return reason;
}

std::int32_t call(abi::Call number, void* params) ASIOWIRE_RT
{
    ASIOWIRE_RT_UNKNOWN_BEGIN("Wine's own door: saves registers and switches stacks, no system call")
    return door.dispatcher(door.functions, static_cast<unsigned int>(number), params);
    ASIOWIRE_RT_UNKNOWN_END
}

Entrance entrance()
{
    return {.code = reinterpret_cast<const void*>(door.dispatcher),
            .note = &door,
            .note_bytes = sizeof door};
}

void log(std::string_view text)
{
    if (ready) {
        auto params = abi::make<abi::LogParams>();
        params.bytes = static_cast<std::uint32_t>(std::min(text.size(), sizeof params.text));
        std::memcpy(params.text, text.data(), params.bytes);
        call(abi::Call::log, &params);
        return;
    }
    char line[abi::message_bytes + 24];
    const int bytes = std::snprintf(line, sizeof line, "asiowire: error: %.*s\n",
                                    static_cast<int>(text.size()), text.data());
    DWORD written = 0;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), line,
              std::min(static_cast<DWORD>(bytes), static_cast<DWORD>(sizeof line - 1)), &written,
              nullptr);
}

} // namespace asiowire::unix_half
