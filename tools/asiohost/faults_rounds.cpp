// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <cstdio>
#include <tlhelp32.h>

namespace asiohost {
namespace {

constexpr int kSettledRound = 10; // what is made once and kept has been made by then
constexpr std::int64_t kBlocksPerRound = 5;

/// What the process holds, as far as Windows knows; -1 where it cannot be told.
struct Holdings {
    long long handles = -1;
    long long threads = -1;
    long long private_bytes = -1;
};

long long count_threads()
{
    const HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    if (snapshot == INVALID_HANDLE_VALUE) return -1;
    long long count = 0;
    THREADENTRY32 entry{};
    entry.dwSize = sizeof entry;
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
        count += entry.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(snapshot);
    return count;
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

Holdings count_holdings()
{
    return {count_handles(), count_threads(), count_private_bytes()};
}

std::string as_json(const Holdings& holdings)
{
    return format("{\"handles\":%lld,\"threads\":%lld,\"private_bytes\":%lld}", holdings.handles,
                  holdings.threads, holdings.private_bytes);
}

Result<void> one_round(const DriverEntry& entry, const Plan& plan)
{
    auto session = start_with(entry, plan, nullptr);
    if (!session) return std::unexpected(session.error());
    auto step = wait_for_callbacks(**session, kBlocksPerRound);
    if (step) step = (*session)->stop();
    if (step) step = (*session)->dispose();
    return step;
}

} // namespace

Result<void> fault_rounds(const DriverEntry& entry, const Options& options)
{
    Holdings settled, end;
    for (int round = 1; round <= options.rounds; round++) {
        if (auto done = one_round(entry, options.plan); !done)
            return failure(done.error().code,
                           format("round %d: %s", round, done.error().sentence.c_str()));
        const bool last = round == options.rounds;
        if (round != kSettledRound && !last) continue;
        Sleep(300); // threads that were told to end have ended; outside counters have time to look
        (last ? end : settled) = count_holdings();
        if (round == kSettledRound && last) settled = end;
        say(format("after round %d: %s", round, as_json(last ? end : settled).c_str()));
        Sleep(300);
    }
    std::printf("{\"rounds\":%d,\"at_10\":%s,\"at_end\":%s}\n", options.rounds,
                as_json(settled).c_str(), as_json(end).c_str());
    if (end.handles <= settled.handles && end.threads <= settled.threads) return {};
    if (options.rounds <= kSettledRound) return {};
    return failure(ExitCode::audio_wrong, "Handles or threads stay behind.");
}

} // namespace asiohost
