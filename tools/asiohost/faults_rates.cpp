// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <cmath>
#include <limits>

#include "instance.hpp"
#include "win_clock.hpp"

namespace asiohost {
namespace {

constexpr double kRates[] = {44100, 48000, 88200, 96000, 176400, 192000};
constexpr double kPaceTolerance = 0.05; // of a rate; the rates differ by 8 % at least
constexpr int kMeasureMs = 600;

std::int32_t can(Instance& instance, double rate)
{
    return instance.call("canSampleRate",
                         [=](asio::IAsio& asio) { return asio.can_sample_rate(rate); });
}

std::int32_t set(Instance& instance, double rate)
{
    return instance.call("setSampleRate",
                         [=](asio::IAsio& asio) { return asio.set_sample_rate(rate); });
}

double get(Instance& instance)
{
    double rate = 0;
    instance.call("getSampleRate", [&](asio::IAsio& asio) { return asio.get_sample_rate(&rate); });
    return rate;
}

/// Frames per second as the clock on the wall says, over some hundred milliseconds.
double pace(Instance& instance)
{
    const std::int64_t blocks = instance.blocks();
    const std::int64_t began = now_ticks();
    Sleep(kMeasureMs);
    const auto frames = static_cast<double>((instance.blocks() - blocks) * instance.block());
    return frames * 1e9 / static_cast<double>(ticks_to_ns(now_ticks() - began));
}

void expect_pace(Instance& instance, Verdict& verdict, double rate)
{
    double seen = 0;
    for (int tries = 0; tries < 3; tries++) { // a change takes a moment, a busy machine another
        seen = pace(instance);
        if (std::abs(seen / rate - 1) < kPaceTolerance) break;
    }
    say(format("at %.0f Hz blocks come at %.0f Hz", rate, seen));
    verdict.expect(std::abs(seen / rate - 1) < kPaceTolerance,
                   format("at %.0f Hz blocks come at the pace of %.0f Hz", rate, seen));
}

} // namespace

Result<void> fault_ask_rates(const DriverEntry& entry, const Options&)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Verdict verdict;
    const auto ask_all = [&](const char* when) {
        for (const double rate : kRates)
            verdict.expect_code(format("canSampleRate(%.0f) %s", rate, when).c_str(),
                                can(instance, rate), {asio::ASE_OK});
        for (const double odd :
             {12345.0, 0.0, -1.0, std::nan(""), 1e9, std::numeric_limits<double>::infinity()})
            verdict.expect_code(format("canSampleRate(%g) %s", odd, when).c_str(),
                                can(instance, odd), {asio::ASE_NoClock});
    };
    const double before = get(instance);
    ask_all("at first");
    if (auto run = instance.run(); !run) return run;
    ask_all("while running");
    if (auto came = instance.wait(20); !came) return came;
    verdict.expect(get(instance) == before, "asking changed the rate");
    return verdict.result();
}

Result<void> fault_set_rates(const DriverEntry& entry, const Options&)
{
    Verdict verdict;
    double original = 0;
    {
        auto opened = Instance::open(entry);
        if (!opened) return std::unexpected(opened.error());
        Instance& instance = **opened;
        original = get(instance);
        for (const double rate : kRates) {
            // Without canSampleRate, as Ableton does.
            verdict.expect_code(format("setSampleRate(%.0f)", rate).c_str(), set(instance, rate),
                                {asio::ASE_OK});
            verdict.expect(get(instance) == rate,
                           format("%.0f Hz is not what runs then: %.0f", rate, get(instance)));
            if (auto run = instance.run(256); !run) return run;
            if (auto came = instance.wait(10); !came) return came;
            expect_pace(instance, verdict, rate);
            verdict.expect_code("stop", instance.stop(), {asio::ASE_OK});
            verdict.expect_code("disposeBuffers", instance.dispose(), {asio::ASE_OK});
        }
        verdict.expect_code("setSampleRate back", set(instance, original), {asio::ASE_OK});
    }
    auto again = Instance::open(entry);
    if (!again) return std::unexpected(again.error());
    verdict.expect(get(**again) == original, "the rate was not restored");
    return verdict.result();
}

Result<void> fault_impossible_rates(const DriverEntry& entry, const Options&)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Verdict verdict;
    const double before = get(instance);
    const auto set_all = [&](const char* when) {
        for (const double odd : {12345.0, 0.0, -1.0, std::nan(""), 1e9}) {
            // Never ASE_NoClock: Ableton takes that for fatal and starts again for ever.
            verdict.expect_code(format("setSampleRate(%g) %s", odd, when).c_str(),
                                set(instance, odd), {asio::ASE_InvalidMode});
            verdict.expect(!instance.error().empty(), "refused without a sentence");
            verdict.expect(get(instance) == before, "the rate changed in spite of that");
        }
    };
    set_all("at first");
    if (auto run = instance.run(); !run) return run;
    set_all("while running");
    if (auto came = instance.wait(20); !came) return came;
    return verdict.result();
}

Result<void> fault_rate_while_running(const DriverEntry& entry, const Options&)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Verdict verdict;
    const double before = get(instance);
    if (auto run = instance.run(256); !run) return run;
    if (auto came = instance.wait(20); !came) return came;
    for (const double rate : {44100.0, 96000.0, before}) {
        verdict.expect_code(format("setSampleRate(%.0f) while running", rate).c_str(),
                            set(instance, rate), {asio::ASE_OK});
        if (auto came = instance.wait(20); !came) return came;
        verdict.expect(get(instance) == rate, format("getSampleRate is not %.0f then", rate));
        expect_pace(instance, verdict, rate);
    }
    for (const auto& bad : instance.bad_messages())
        verdict.expect(false, bad);
    return verdict.result();
}

Result<void> fault_first_rate_of_portaudio(const DriverEntry& entry, const Options&)
{
    static constexpr double kAsked[] = {44100,  48000, 32000, 24000, 22050, 88200, 96000,
                                        192000, 16000, 12000, 11025, 9600,  8000};
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Verdict verdict;
    for (const double rate : kAsked) {
        if (can(instance, rate) != asio::ASE_OK) continue;
        say(format("the first accepted of thirteen rates is %.0f Hz", rate));
        verdict.expect_code("setSampleRate", set(instance, rate), {asio::ASE_OK});
        if (auto run = instance.run(256); !run) return run;
        expect_pace(instance, verdict, rate);
        return verdict.result();
    }
    return failure(ExitCode::audio_wrong, "None of thirteen rates is accepted.");
}

} // namespace asiohost
