// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <cstdio>

#include "holdings.hpp"

namespace asiohost {
namespace {

constexpr int kSettledRound = 10; // what is made once and kept has been made by then
constexpr std::int64_t kBlocksPerRound = 5;

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
