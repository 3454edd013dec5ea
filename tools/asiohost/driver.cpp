// SPDX-License-Identifier: MIT
#include "driver.hpp"

#include <algorithm>
#include <array>

namespace asiohost {
namespace {

/// Reads a text the driver writes into a buffer of `limit` bytes.
template <class Write> std::string guarded_text(const char* call, std::size_t limit, Write write)
{
    constexpr char kUntouched = '\x5a';
    std::array<char, 1024> buffer;
    buffer.fill(kUntouched);
    buffer[0] = '\0';
    write(buffer.data());
    if (std::any_of(buffer.begin() + static_cast<std::ptrdiff_t>(limit), buffer.end(),
                    [](char c) { return c != kUntouched; }))
        say(format("%s wrote beyond the %u bytes it may.", call, static_cast<unsigned>(limit)));
    buffer.back() = '\0';
    const std::size_t length = std::string(buffer.data()).size();
    return {buffer.data(), std::min(length, limit)};
}

} // namespace

std::string error_name(std::int32_t code)
{
    const char* name = "unknown";
    switch (code) {
    case asio::ASE_OK:
        name = "ASE_OK";
        break;
    case asio::ASE_SUCCESS:
        name = "ASE_SUCCESS";
        break;
    case asio::ASE_NotPresent:
        name = "ASE_NotPresent";
        break;
    case asio::ASE_HWMalfunction:
        name = "ASE_HWMalfunction";
        break;
    case asio::ASE_InvalidParameter:
        name = "ASE_InvalidParameter";
        break;
    case asio::ASE_InvalidMode:
        name = "ASE_InvalidMode";
        break;
    case asio::ASE_SPNotAdvancing:
        name = "ASE_SPNotAdvancing";
        break;
    case asio::ASE_NoClock:
        name = "ASE_NoClock";
        break;
    case asio::ASE_NoMemory:
        name = "ASE_NoMemory";
        break;
    }
    return format("%s (%d)", name, static_cast<int>(code));
}

std::string sample_type_name(std::int32_t type)
{
    switch (type) {
    case asio::Int16LSB:
        return "Int16LSB";
    case asio::Int24LSB:
        return "Int24LSB";
    case asio::Int32LSB:
        return "Int32LSB";
    case asio::Float32LSB:
        return "Float32LSB";
    case asio::Float64LSB:
        return "Float64LSB";
    }
    return format("sample type %d", static_cast<int>(type));
}

Result<Driver> Driver::open(const DriverEntry& entry)
{
    const auto object = [&] {
        const WatchedCall watched("CoCreateInstance");
        return create_driver(entry);
    }();
    if (!object) return std::unexpected(object.error());
    return adopt(*object);
}

Result<Driver> Driver::adopt(asio::IAsio* object)
{
    Driver driver(object);
    // The console's window, or none: hosts hand over all kinds of handles, and a driver may not
    // depend on it. The desktop window would make Wine start a desktop just for this.
    const bool ready =
        driver.call("init", [](asio::IAsio& asio) { return asio.init(GetConsoleWindow()); });
    if (ready) return driver;
    return failure(ExitCode::refused, "init failed: " + driver.error_message());
}

Driver& Driver::operator=(Driver&& other) noexcept
{
    if (this != &other) {
        release();
        asio_ = std::exchange(other.asio_, nullptr);
    }
    return *this;
}

void Driver::release()
{
    if (asio_ == nullptr) return;
    const WatchedCall watched("Release");
    std::exchange(asio_, nullptr)->Release();
}

Failure Driver::refusal(const char* name, std::int32_t code)
{
    return {ExitCode::refused, format("%s failed with %s: %s", name, error_name(code).c_str(),
                                      error_message().c_str())};
}

std::string Driver::error_message()
{
    const auto text = guarded_text("getErrorMessage", 124, [&](char* out) {
        call("getErrorMessage", [&](asio::IAsio& asio) { return asio.get_error_message(out), 0; });
    });
    return text.empty() ? kNoReason : text;
}

std::string Driver::name()
{
    return guarded_text("getDriverName", 32, [&](char* out) {
        call("getDriverName", [&](asio::IAsio& asio) { return asio.get_driver_name(out), 0; });
    });
}

} // namespace asiohost
