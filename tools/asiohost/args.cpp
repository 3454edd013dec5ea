// SPDX-License-Identifier: MIT
#include "args.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string_view>

namespace asiohost {
namespace {

/// A number within [low, high] and nothing behind it.
bool read_number(const std::string& text, double low, double high, double& value)
{
    char* end = nullptr;
    value = std::strtod(text.c_str(), &end);
    return !text.empty() && *end == '\0' && value >= low && value <= high;
}

bool read_count(const std::string& text, int low, int high, int& value)
{
    double number = 0;
    if (!read_number(text, low, high, number) || number != static_cast<int>(number)) return false;
    value = static_cast<int>(number);
    return true;
}

/// Numbers with commas in between.
bool read_list(const std::string& text, int low, int high, std::vector<int>& values)
{
    values.clear();
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        int value = 0;
        if (!read_count(text.substr(begin, end - begin), low, high, value)) return false;
        values.push_back(value);
        begin = end + 1;
    }
    return true;
}

/// Options that take a value; false when the value is not one the option can take.
bool set_value(Options& options, std::string_view name, const std::string& value, bool& known)
{
    Plan& plan = options.plan;
    known = true;
    if (name == "--driver") return options.driver = value, !value.empty();
    if (name == "--play") return plan.play = value, !value.empty();
    if (name == "--fault") return options.fault = value, !value.empty();
    if (name == "--seconds") return read_number(value, 0.01, 1e7, plan.seconds);
    if (name == "--settle") return read_number(value, 0, 1e7, plan.settle);
    if (name == "--block") return read_count(value, 1, 1 << 24, plan.block);
    if (name == "--inputs") return read_count(value, 0, 4096, plan.inputs);
    if (name == "--outputs") return read_count(value, 0, 4096, plan.outputs);
    if (name == "--rate") return read_number(value, 1, 1e7, plan.rate);
    if (name == "--burn") return read_number(value, 0, 1000, plan.burn_percent);
    if (name == "--blocks") return read_list(value, 1, 1 << 24, options.blocks);
    if (name == "--seed") {
        double number = 0;
        if (!read_number(value, 0, 1e9, number)) return false;
        return options.seed = static_cast<unsigned>(number), true;
    }
    if (name == "--rounds") {
        if (options.fault.empty()) options.fault = "rounds";
        return read_count(value, 1, 1'000'000, options.rounds);
    }
    known = false;
    return false;
}

} // namespace

Result<Options> parse_args(int count, char** args)
{
    Options options;
    if (count < 2) options.action = Action::help;
    for (int i = 1; i < count; i++) {
        const std::string name = args[i];
        if (name == "--help" || name == "-h") {
            options.action = Action::help;
        } else if (name == "--list") {
            options.action = Action::list;
        } else if (name == "--info") {
            options.action = Action::info;
        } else if (name == "--loopback") {
            options.plan.loopback = true;
        } else if (name == "--json") {
            options.json = true;
        } else {
            bool known = false;
            const bool has_value = i + 1 < count;
            const std::string value = has_value ? args[i + 1] : "";
            const bool good = set_value(options, name, value, known);
            if (!known) return failure(ExitCode::usage, "There is no option \"" + name + "\".");
            if (!has_value) return failure(ExitCode::usage, name + " needs a value.");
            if (!good) return failure(ExitCode::usage, name + " cannot be \"" + value + "\".");
            i++;
        }
    }
    return options;
}

const char* help_text()
{
    return R"(asiohost: finds, shows and tests ASIO drivers.

  asiohost --list                     the registered drivers
  asiohost --driver NAME --info       its channels, sizes, rates, latencies, clocks
  asiohost --driver NAME [options]    run it and report

  --seconds N     how long to run (5)
  --block N       frames per block (what the driver prefers)
  --blocks N,N... a sweep: one run and one report for each size, all in one session; a run takes
                  --seconds, or eight blocks if that is longer
  --rate R        sample rate in Hz (as it is)
  --inputs N      only the first N inputs (all)
  --outputs N     only the first N outputs (all)
  --loopback      play numbered frames and check them on the way in; output 1 has to come back on
                  input 1 and so on, unchanged, so the loop's volume has to be 100 %
  --settle N      do not judge what comes back in the first N seconds, as when cables are plugged
                  meanwhile (0)
  --play FILE     play a WAV file on output 1, over and over: one channel of 24-bit PCM, such as
                  the sweep that asiowire hooks sweep writes
  --burn P        stay P percent of a block's time in every callback
  --json          the report as one line of JSON instead of text
  --fault NAME    do something hosts should not do, and see whether the driver survives it
  --rounds N      the number of rounds of --fault rounds, or of transitions of --fault storm (200)
  --seed S        where the random order of --fault storm begins (1)

The driver is named as --list shows it; with only one registered, --driver may be left out.

JSON: driver, bits, rate, block, in, out, sample_types (all there are, by name), seconds (first
callback to last), callbacks, expected (by time, rate and block), lost, duplicated, corrupt (samples
over all channels; null without --loopback), rtt_frames (arrival minus departure; null when nothing
arrived), reported_in, reported_out (getLatencies while running), interval_us (between callbacks)
and wake_us (callback minus the systemTime it came with; null when the driver gives none), each
{p50, p99, p999, max}.
corrupt also counts every channel whose round trip differs from the first one's, and the whole run
of a channel that stays silent while others do not.

Exit codes
  0   all is right
  1   the audio is wrong: frames lost, duplicated or corrupt, no signal, a callback after stop;
      or a fault was not survived as it should be
  2   the command line is wrong
  3   there is no such driver, or its DLL does not load
  4   a driver call was refused
  5   no callback came within 3 s, or callbacks ceased
  6   a driver call did not return within 10 s
)";
}

} // namespace asiohost
