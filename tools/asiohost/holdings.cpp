// SPDX-License-Identifier: MIT
#include "holdings.hpp"

#include <cstdint>
#include <tlhelp32.h>

#include "failure.hpp"

namespace asiohost {
namespace {

/// Calls use(entry) for every thread of this process; false when there is no list of them.
template <class Use> bool for_each_thread(Use use)
{
    const HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    if (snapshot == INVALID_HANDLE_VALUE) return false;
    THREADENTRY32 entry{};
    entry.dwSize = sizeof entry;
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
        if (entry.th32OwnerProcessID == GetCurrentProcessId()) use(entry);
    CloseHandle(snapshot);
    return true;
}

long long count_threads()
{
    long long count = 0;
    return for_each_thread([&](const THREADENTRY32&) { count++; }) ? count : -1;
}

long long count_handles()
{
    // GetProcessHandleCount says 0 under Wine; the values are dense and multiples of 4.
    constexpr std::uintptr_t kHighest = 0x10000;
    long long count = 0;
    DWORD flags = 0;
    for (std::uintptr_t value = 4; value < kHighest; value += 4)
        count += GetHandleInformation(reinterpret_cast<HANDLE>(value), &flags) != 0;
    return count;
}

long long count_private_bytes()
{
    // Region by region, since PrivateUsage is 0 under Wine as well.
    long long bytes = 0;
    MEMORY_BASIC_INFORMATION region{};
    const char* address = nullptr;
    while (VirtualQuery(address, &region, sizeof region) == sizeof region) {
        if (region.State == MEM_COMMIT && region.Type == MEM_PRIVATE)
            bytes += static_cast<long long>(region.RegionSize);
        const char* next = static_cast<const char*>(region.BaseAddress) + region.RegionSize;
        if (next <= address) break;
        address = next;
    }
    return bytes;
}

} // namespace

Holdings count_holdings()
{
    return {count_handles(), count_threads(), count_private_bytes()};
}

std::string as_json(const Holdings& holdings)
{
    return format("{\"handles\":%lld,\"threads\":%lld,\"private_bytes\":%lld}", holdings.handles,
                  holdings.threads, holdings.private_bytes);
}

std::vector<HANDLE> other_threads()
{
    std::vector<HANDLE> threads;
    for_each_thread([&](const THREADENTRY32& entry) {
        if (entry.th32ThreadID == GetCurrentThreadId()) return;
        constexpr DWORD kAccess = THREAD_SUSPEND_RESUME | THREAD_GET_CONTEXT;
        if (HANDLE thread = OpenThread(kAccess, FALSE, entry.th32ThreadID))
            threads.push_back(thread);
    });
    return threads;
}

} // namespace asiohost
