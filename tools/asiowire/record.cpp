// SPDX-License-Identifier: MIT

#include "tools/asiowire/record.hpp"

#include "taps/channel_list.hpp"

#include <cstdio>

namespace asiowire {

const char record_help[] =
    "Usage: asiowire record [--node NAME] [--channels 1-32] [--take NAME] [--dir DIR] [--preroll "
    "TIME]\n"
    "                       [--seconds TIME] [--rotate TIME] [--poly] [--x32 HOST] [--hooks]\n"
    "           records a node of the PipeWire graph, no driver needed: a source, or a sink, "
    "whose\n"
    "           monitor is meant; without --node the default source. A take is a folder in DIR "
    "(.)\n"
    "           with a 24-bit WAV file for each channel, or one for all with --poly; --rotate "
    "begins\n"
    "           new files after each TIME, without a gap. With --preroll the take begins when "
    "Enter is\n"
    "           pressed (or SIGUSR1 comes), TIME before that. While it records, a line typed is a\n"
    "           mark. Ctrl-C ends it. TIME is in seconds, or 30m, 2h. With --x32 tracks are "
    "called\n"
    "           what the X32 or M32 at HOST calls what its USB card carries; renames become marks.\n"
    "           --hooks: what analysis hooks publish is written into the take's folder (asiowire "
    "hooks)\n"
    "       asiowire record start [--hooks] [NAME] [--pid N]  has a running driver record\n"
    "       asiowire record stop         [--pid N]\n"
    "       asiowire record mark TEXT    [--pid N]\n"
    "       asiowire record status [--json] [--pid N]\n"
    "           N: of the program, when several have the driver open\n"
    "\n"
    "Exit codes: 0 done, 1 failed (the reason is printed), 2 wrong usage, 3 the take is there, "
    "but\n"
    "frames were lost on the way to the disk or the graph had xruns.\n";

namespace {

/// A value of an option that is a time; false and a sentence when it is none.
bool take_time(const std::string& option, std::string_view text, double& into, std::string& why)
{
    into = parse_seconds(text);
    if (into >= 0) return true;
    why = option + " \"" + std::string(text.substr(0, 24)) +
          "\" is no time such as 90, 1.5, 30m or 2h";
    return false;
}

} // namespace

std::expected<RecordOptions, std::string>
RecordOptions::of(const std::vector<std::string_view>& words)
{
    RecordOptions options;
    std::string why;
    for (std::size_t i = 0; i < words.size(); i++) {
        const std::string option(words[i]);
        if (option == "--poly" || option == "--hooks") {
            (option == "--poly" ? options.polyphonic : options.hooks) = true;
            continue;
        }
        std::string* const text = option == "--node"       ? &options.node
                                  : option == "--channels" ? &options.channels
                                  : option == "--take"     ? &options.take
                                  : option == "--dir"      ? &options.folder
                                  : option == "--x32"      ? &options.x32
                                                           : nullptr;
        double* const time = option == "--preroll"   ? &options.preroll
                             : option == "--seconds" ? &options.seconds
                             : option == "--rotate"  ? &options.rotation
                                                     : nullptr;
        if (text == nullptr && time == nullptr)
            return std::unexpected("\"" + option.substr(0, 24) + "\" is no option of record");
        if (i + 1 == words.size()) return std::unexpected(option + " needs a value");
        const std::string_view value = words[++i];
        if (text != nullptr)
            *text = value;
        else if (!take_time(option, value, *time, why))
            return std::unexpected(why);
    }
    if (!options.channels.empty())
        if (const auto list = parse_channels(options.channels, ring_max_channels); !list)
            return std::unexpected("--channels: " + list.error());
    constexpr double longest_preroll = 600;
    if (options.preroll > longest_preroll)
        return std::unexpected("--preroll is at most 600 seconds");
    return options;
}

int record(const std::vector<std::string_view>& words)
{
    if (!words.empty() && (words[0] == "--help" || words[0] == "-h")) {
        std::fputs(record_help, stdout);
        return 0;
    }
    if (!words.empty() && !words[0].starts_with("-")) return talk_to_recorder(words);
    const auto options = RecordOptions::of(words);
    if (options) return record_natively(*options);
    std::fprintf(stderr, "asiowire: %s\n%s", options.error().c_str(), record_help);
    return 2;
}

} // namespace asiowire
