// SPDX-License-Identifier: MIT

#include "asio/panel.hpp"

#include "wine/pe/threads.hpp"

#include <atomic>
#include <memory>
#include <windows.h>

namespace asiowire {

namespace {

constexpr wchar_t title[] = L"AsioWire";
constexpr char where_settings_are[] =
    "\n\nSettings are made outside of the program; the README says how.";

std::atomic<bool> open{false};

std::wstring wide_text(const std::string& text)
{
    const auto bytes = static_cast<int>(text.size());
    std::wstring wide(text.size(), L'\0'); // UTF-16 never takes more units than UTF-8 takes bytes
    const int units = MultiByteToWideChar(CP_UTF8, 0, text.data(), bytes, wide.data(), bytes);
    wide.resize(static_cast<std::size_t>(units));
    return wide;
}

DWORD WINAPI show(void* argument)
{
    {
        const std::unique_ptr<std::wstring> text(static_cast<std::wstring*>(argument));
        MessageBoxW(nullptr, text->c_str(), title, MB_OK | MB_ICONINFORMATION | MB_SETFOREGROUND);
    }
    open = false;
    end_pinned_thread();
}

} // namespace

Outcome show_panel(const std::string& text)
{
    auto shown = std::make_unique<std::wstring>(wide_text(text + where_settings_are));
    if (open.exchange(true)) return Status::ok;
    const HANDLE thread = start_pinned_thread(&show, shown.get());
    if (thread == nullptr) {
        open = false;
        return {Status::system_error, "Windows refused the panel's thread"};
    }
    static_cast<void>(shown.release()); // the thread's own now
    CloseHandle(thread);
    return Status::ok;
}

} // namespace asiowire
