// SPDX-License-Identifier: MIT
#include "watchdog.hpp"

#include <array>
#include <atomic>

#include "failure.hpp"
#include "windows_api.hpp"

namespace asiohost {
namespace {

struct Slot {
    std::atomic<bool> taken{false};
    std::atomic<unsigned> since{0};         // GetTickCount, wraps: only differences count
    std::atomic<const char*> name{nullptr}; // set after `since`: a name seen has its own time
};

std::array<Slot, 8> slots; // calls under way at once: main, audio thread, helpers

DWORD WINAPI watch(void*)
{
    for (;;) {
        Sleep(100);
        for (Slot& slot : slots) {
            const char* name = slot.name.load(std::memory_order_acquire);
            const auto age = static_cast<unsigned>(GetTickCount()) - slot.since.load();
            if (name == nullptr || age < kCallLimitMs || slot.name.load() != name) continue;
            say(format("%s did not return within %u s; giving up.", name, kCallLimitMs / 1000));
            // Not ExitProcess: it would call into the very driver that hangs.
            TerminateProcess(GetCurrentProcess(), static_cast<UINT>(ExitCode::call_hung));
        }
    }
}

} // namespace

void start_watchdog()
{
    if (HANDLE thread = CreateThread(nullptr, 0, watch, nullptr, 0, nullptr)) CloseHandle(thread);
}

WatchedCall::WatchedCall(const char* name) noexcept : slot_(-1)
{
    for (int i = 0; i < static_cast<int>(slots.size()); i++) {
        if (slots[i].taken.exchange(true)) continue;
        slots[i].since.store(static_cast<unsigned>(GetTickCount()));
        slots[i].name.store(name);
        slot_ = i;
        return;
    }
}

WatchedCall::~WatchedCall()
{
    if (slot_ < 0) return;
    slots[slot_].name.store(nullptr);
    slots[slot_].taken.store(false);
}

} // namespace asiohost
