// SPDX-License-Identifier: MIT
#include "args.hpp"

#include <cstdio>
#include <objbase.h>

#include "faults.hpp"
#include "info.hpp"
#include "report.hpp"
#include "sweep.hpp"

namespace asiohost {
namespace {

Result<void> print(const Result<std::string>& text)
{
    if (!text) return std::unexpected(text.error());
    std::printf("%s", text->c_str());
    return {};
}

Result<void> print_help()
{
    std::string text = help_text();
    text += "\nFaults; what they do and see is said on stderr\n";
    for (const Fault& fault : all_faults())
        text += format("  %-26s%s\n", fault.name, fault.purpose);
    return print(text);
}

Result<void> print_info(const DriverEntry& entry)
{
    auto driver = Driver::open(entry);
    if (!driver) return std::unexpected(driver.error());
    return print(describe(*driver));
}

Result<void> act(const Options& options)
{
    if (options.action == Action::help) return print_help();
    if (options.action == Action::list) {
        const auto drivers = list_drivers();
        if (drivers.empty()) return failure(ExitCode::not_found, "No ASIO driver is registered.");
        return print(driver_report(drivers));
    }
    const auto entry = find_driver(options.driver);
    if (!entry) return std::unexpected(entry.error());
    if (options.action == Action::info) return print_info(*entry);
    if (!options.fault.empty()) return run_fault(*entry, options);
    if (!options.blocks.empty()) return run_sweep(*entry, options);
    const auto outcome = run_once(*entry, options.plan);
    if (!outcome) return std::unexpected(outcome.error());
    return report_run(*outcome, options);
}

int run(int count, char** args)
{
    start_watchdog();
    // Some drivers live in the apartment of the thread that made them; hosts use a single one.
    CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED);
    Result<void> done = {};
    if (const auto options = parse_args(count, args); options) {
        done = act(*options);
    } else {
        done = std::unexpected(options.error());
    }
    CoUninitialize();
    std::fflush(stdout);
    if (done) return static_cast<int>(ExitCode::all_right);
    say(done.error().sentence);
    return static_cast<int>(done.error().code);
}

} // namespace
} // namespace asiohost

int main(int count, char** args)
{
    return asiohost::run(count, args);
}
