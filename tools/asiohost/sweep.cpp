// SPDX-License-Identifier: MIT
#include "sweep.hpp"

#include <algorithm>

#include "faults.hpp"

namespace asiohost {
namespace {

constexpr double kFewestBlocks = 8;

/// One run with the session's driver object, which stays open.
Result<Outcome> run_block(Session& session, const Plan& plan)
{
    auto step = session.prepare(plan);
    if (step) step = session.start();
    if (step) step = session.wait(plan.seconds);
    // How long the blocks are is only known by now, as the driver says the rate.
    if (step && session.callbacks() < kFewestBlocks)
        step = session.wait(kFewestBlocks * session.block_seconds());
    if (step) step = session.stop();
    if (!step) return std::unexpected(step.error());
    Outcome outcome = session.outcome();
    if (step = session.dispose(); !step) return std::unexpected(step.error());
    return outcome;
}

} // namespace

Result<void> run_sweep(const DriverEntry& entry, const Options& options)
{
    auto driver = Driver::open(entry);
    if (!driver) return std::unexpected(driver.error());
    Session session(std::move(*driver));
    Result<void> verdict = {};
    for (const int block : options.blocks) {
        Plan plan = options.plan;
        plan.block = block;
        const auto outcome = run_block(session, plan);
        if (!outcome) return std::unexpected(outcome.error());
        if (const auto reported = report_run(*outcome, options); !reported) verdict = reported;
    }
    return verdict;
}

} // namespace asiohost
