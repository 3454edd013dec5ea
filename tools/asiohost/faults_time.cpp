// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <mmsystem.h>

#include "instance.hpp"
#include "win_clock.hpp"

namespace asiohost {
namespace {

constexpr std::size_t kMostBlocks = 1 << 17;

struct Moment {
    std::int64_t position = 0;
    std::int64_t time_ns = 0;
    bool operator==(const Moment&) const = default;
    auto operator<=>(const Moment&) const = default;
};

std::int64_t whole(asio::Wide value)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(value.hi) << 32 | value.lo);
}

/// What the audio thread saw, block by block.
struct Seen {
    std::vector<Moment> moments;
    std::vector<double> behind_ns; // timeGetTime at the callback minus systemTime
    double rate = 0;
    int without_flags = 0;

    void add(const asio::TimeInfo& info)
    {
        constexpr std::uint32_t kNeeded =
            asio::kSystemTimeValid | asio::kSamplePositionValid | asio::kSampleRateValid;
        if (moments.size() == kMostBlocks) return;
        without_flags += (info.flags & kNeeded) != kNeeded;
        rate = info.sample_rate;
        moments.push_back({whole(info.sample_position), whole(info.system_time)});
        behind_ns.push_back(static_cast<double>(system_time_difference_ns(
            std::int64_t{timeGetTime()} * 1'000'000, moments.back().time_ns)));
    }
};

/// What a thread saw that asked getSamplePosition without a pause.
struct Polled {
    std::vector<Moment> moments; // whenever it changed
    std::int64_t calls = 0;
    int steps_back = 0;
    int refused = 0; // after the first answer

    void poll(asio::IAsio& asio)
    {
        asio::Wide position{}, time{};
        calls++;
        if (asio.get_sample_position(&position, &time) != asio::ASE_OK) {
            refused += !moments.empty();
            return;
        }
        const Moment now{whole(position), whole(time)};
        if (!moments.empty()) {
            const Moment& last = moments.back();
            if (now == last) return;
            steps_back += now.position < last.position || now.time_ns < last.time_ns;
        }
        if (moments.size() < kMostBlocks) moments.push_back(now);
    }
};

/// How far the time stamps lie from the straight line through them; the slope is the two clocks'
/// own affair.
struct Line {
    std::vector<double> residues_ns; // sorted, absolute
    double slope_ppm = 0;

    explicit Line(const Seen& seen)
    {
        std::vector<double> x, y;
        for (const Moment& moment : seen.moments) {
            x.push_back(static_cast<double>(moment.position - seen.moments[0].position) * 1e9 /
                        seen.rate);
            y.push_back(static_cast<double>(moment.time_ns - seen.moments[0].time_ns) - x.back());
        }
        const auto n = static_cast<double>(x.size());
        double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
        for (std::size_t i = 0; i < x.size(); i++) {
            mean_x += x[i] / n;
            mean_y += y[i] / n;
        }
        for (std::size_t i = 0; i < x.size(); i++) {
            xx += (x[i] - mean_x) * (x[i] - mean_x);
            xy += (x[i] - mean_x) * (y[i] - mean_y);
        }
        const double slope = xx > 0 ? xy / xx : 0;
        slope_ppm = slope * 1e6;
        for (std::size_t i = 0; i < x.size(); i++)
            residues_ns.push_back(std::abs(y[i] - mean_y - slope * (x[i] - mean_x)));
        std::sort(residues_ns.begin(), residues_ns.end());
    }

    double quantile(double share) const
    {
        const auto rank = static_cast<std::size_t>(share * static_cast<double>(residues_ns.size()));
        return residues_ns[std::min(rank, residues_ns.size() - 1)];
    }
};

void judge_blocks(const Seen& seen, int block, Verdict& verdict)
{
    verdict.expect(seen.without_flags == 0, "blocks came without valid times");
    verdict.expect(seen.moments[0].position == 0, "the first block is not at position 0");
    int jumps = 0, back = 0;
    for (std::size_t i = 1; i < seen.moments.size(); i++) {
        jumps += seen.moments[i].position != seen.moments[i - 1].position + block;
        back += seen.moments[i].time_ns <= seen.moments[i - 1].time_ns;
    }
    verdict.expect(jumps == 0, format("the position jumped %d times", jumps));
    verdict.expect(back == 0, format("systemTime did not advance %d times", back));
}

void judge_polled(const Seen& seen, const Polled& polled, Verdict& verdict)
{
    // Blocks of one cycle come in a bunch, which nobody can see one by one.
    verdict.expect(polled.moments.size() * 16 > seen.moments.size(), "hardly any block was polled");
    verdict.expect(polled.steps_back == 0,
                   format("polled, it went back %d times", polled.steps_back));
    verdict.expect(polled.refused == 0, format("polled, it was refused %d times", polled.refused));
    int strangers = 0; // both lists ascend
    for (const Moment& moment : polled.moments)
        strangers += !std::binary_search(seen.moments.begin(), seen.moments.end(), moment);
    verdict.expect(strangers == 0, format("%d polled pairs came with no block: torn, or of "
                                          "different moments",
                                          strangers));
}

} // namespace

Result<void> fault_time(const DriverEntry& entry, const Options& options)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Seen seen;
    seen.moments.reserve(kMostBlocks);
    seen.behind_ns.reserve(kMostBlocks);
    Polled polled;
    polled.moments.reserve(kMostBlocks);
    instance.on_block = [&](const asio::Time* time, int) {
        if (time != nullptr) seen.add(time->info);
    };
    timeBeginPeriod(1);
    if (auto run = instance.run(options.plan.block); !run) return run;
    Verdict verdict;
    {
        std::atomic<bool> quit{false};
        Beside poller([&] {
            while (!quit)
                polled.poll(*instance.object());
        });
        Sleep(static_cast<DWORD>(options.plan.seconds * 1000));
        quit = true;
    }
    verdict.expect_code("stop", instance.stop(), {asio::ASE_OK});
    if (seen.moments.size() < 10) return failure(ExitCode::no_callbacks, "Hardly any block came.");
    judge_blocks(seen, instance.block(), verdict);
    judge_polled(seen, polled, verdict);

    const Line line(seen);
    std::sort(seen.behind_ns.begin(), seen.behind_ns.end());
    const double middle = seen.behind_ns[seen.behind_ns.size() / 2];
    const double block_ns = instance.block() * 1e9 / seen.rate;
    std::printf("{\"blocks\":%d,\"polls\":%lld,\"behind_ms\":%.3f,\"jitter_us\":{\"p50\":%.2f,"
                "\"p99\":%.2f,\"max\":%.2f},\"slope_ppm\":%.1f}\n",
                static_cast<int>(seen.moments.size()), static_cast<long long>(polled.calls),
                middle / 1e6, line.quantile(0.5) / 1e3, line.quantile(0.99) / 1e3,
                line.residues_ns.back() / 1e3, line.slope_ppm);
    std::fflush(stdout);
    verdict.expect(std::abs(middle) < 5e6 + block_ns,
                   format("systemTime is %.1f ms from timeGetTime", middle / 1e6));
    // The 99th percentile: a shared machine may stop for longer than the limit at any time.
    verdict.expect(line.quantile(0.99) < 100e3, "systemTime jitters by more than 100 us");
    verdict.expect(std::abs(line.slope_ppm) < 1000, "systemTime runs at another speed");
    return verdict.result();
}

} // namespace asiohost
