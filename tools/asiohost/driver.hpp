// SPDX-License-Identifier: MIT
#pragma once

#include "driver_list.hpp"

#include <string>
#include <utility>

#include "failure.hpp"
#include "watchdog.hpp"

namespace asiohost {

/// An ASIO error code by its name in the ASIO documentation, with the number.
///
/// [any thread]
std::string error_name(std::int32_t code);

/// A sample type by its name in the ASIO documentation.
///
/// [any thread]
std::string sample_type_name(std::int32_t type);

/// What error_message() says for a driver that says nothing.
inline constexpr const char* kNoReason = "(the driver gave no reason)";

/// One opened ASIO driver; every call is watched, every error becomes a sentence.
class Driver {
public:
    /// Makes the driver object and initialises it.
    ///
    /// [main-thread]
    /// Errors   not_found, or refused when init() says no
    static Result<Driver> open(const DriverEntry& entry);

    /// Takes an object that somebody else made, and initialises it.
    ///
    /// [main-thread]
    /// Ownership  takes the reference over, also when it fails
    static Result<Driver> adopt(asio::IAsio* object);

    Driver(Driver&& other) noexcept : asio_(std::exchange(other.asio_, nullptr)) {}
    Driver& operator=(Driver&& other) noexcept;
    ~Driver() { release(); }

    /// Calls Release once; the driver is closed afterwards.
    ///
    /// [main-thread]
    void release();

    /// The object itself, for the audio thread; valid until release().
    asio::IAsio* object() const { return asio_; }

    /// Runs one watched driver call and hands its result on.
    ///
    /// [any thread]
    template <class Call> auto call(const char* name, Call action)
    {
        const WatchedCall watched(name);
        return action(*asio_);
    }

    /// Runs one watched driver call that has to succeed.
    ///
    /// [main-thread]
    /// Errors   refused, with the call, the code by name and the driver's own sentence
    template <class Call> Result<void> demand(const char* name, Call action)
    {
        const std::int32_t code = call(name, action);
        if (code == asio::ASE_OK) return {};
        return std::unexpected(refusal(name, code));
    }

    /// What a failed call says, with the driver's own sentence.
    ///
    /// [main-thread, right after the call]
    Failure refusal(const char* name, std::int32_t code);

    /// getErrorMessage; a driver that writes more than the 124 bytes it may is named on stderr.
    ///
    /// [main-thread]
    std::string error_message();

    /// getDriverName, checked like error_message against its 32 bytes.
    ///
    /// [main-thread]
    std::string name();

private:
    explicit Driver(asio::IAsio* asio) : asio_(asio) {}

    asio::IAsio* asio_;
};

} // namespace asiohost
