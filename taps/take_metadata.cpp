// SPDX-License-Identifier: MIT
#include "taps/take_metadata.hpp"

#include "taps/file_names.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <random>
#include <utility>

namespace asiowire {
namespace {

std::string formatted(const std::tm& when, const char* form)
{
    std::array<char, 64> text{};
    return {text.data(), std::strftime(text.data(), text.size(), form, &when)};
}

std::string escaped(std::string_view text)
{
    std::string xml;
    for (const char c : clean_text(text)) {
        if (c == '&')
            xml += "&amp;";
        else if (c == '<')
            xml += "&lt;";
        else if (c == '>')
            xml += "&gt;";
        else
            xml += c;
    }
    return xml;
}

std::string element(const char* name, std::string_view content)
{
    return std::string("<") + name + ">" + std::string(content) + "</" + name + ">";
}

std::string element(const char* name, std::uint64_t number)
{
    return element(name, std::to_string(number));
}

std::string track_list(const TakeSettings& settings, const TakeFileFacts& file)
{
    std::string list = element("TRACK_COUNT", file.tracks);
    for (std::size_t i = 0; i < file.tracks; i++) {
        const TakeTrack& track = settings.tracks[file.first_track + i];
        list += "\n" + element("TRACK", element("CHANNEL_INDEX", file.first_track + i + 1) +
                                            element("INTERLEAVE_INDEX", i + 1) +
                                            element("NAME", escaped(track.name)));
    }
    return element("TRACK_LIST", list);
}

/// libsndfile 1.2.0 does not skip the byte that pads an odd chunk when it reads RF64.
std::string evened(std::string text, const char* filler)
{
    return text.size() % 2 == 0 ? text : std::move(text) + filler;
}

std::string ixml(const TakeSettings& settings, const TakeFileFacts& file,
                 std::uint64_t time_reference)
{
    const std::string speed =
        element("MASTER_SPEED", "1/1") + element("CURRENT_SPEED", "1/1") +
        element("FILE_SAMPLE_RATE", settings.rate) + element("AUDIO_BIT_DEPTH", 24) +
        element("DIGITIZER_SAMPLE_RATE", settings.rate) +
        element("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI", time_reference >> 32) +
        element("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO", time_reference & 0xffff'ffff) +
        element("TIMESTAMP_SAMPLE_RATE", settings.rate);
    const std::string number = std::to_string(file.number);
    const std::string set =
        (file.of > 0 ? element("TOTAL_FILES", file.of) : "") + element("FAMILY_UID", file.uid) +
        element("FAMILY_NAME", escaped(settings.name)) + element("FILE_SET_INDEX", number);
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
           element("BWFXML", "\n" + element("IXML_VERSION", "1.61") + "\n" +
                                 element("TAKE", escaped(settings.name)) + "\n" +
                                 element("FILE_UID", file.uid + "-" + number) + "\n" +
                                 element("SPEED", speed) + "\n" + element("FILE_SET", set) +
                                 "\n" + track_list(settings, file) + "\n") +
           "\n";
}

std::string description(const TakeSettings& settings, const TakeFileFacts& file)
{
    const std::string take = clean_text(settings.name);
    return file.tracks == 1 ? take + ": " + clean_text(settings.tracks[file.first_track].name)
                            : take;
}

RiffBytes bext(const TakeSettings& settings, const TakeTime& time, const TakeFileFacts& file)
{
    const std::string history = evened("A=PCM,F=" + std::to_string(settings.rate) +
                                           ",W=24,M=" + (file.tracks == 1 ? "mono" : "multitrack") +
                                           ",T=" + clean_text(settings.originator),
                                       " ") +
                                "\r\n";
    RiffBytes bytes;
    bytes.field(description(settings, file), 256).field(clean_text(settings.originator), 32);
    bytes.field(file.uid, 32).field(time.date, 10).field(time.time, 8);
    bytes.number(time.time_reference + file.first_frame);
    bytes.number<std::uint16_t>(1).zeros(64 + 10 + 180); // version; UMID, loudness, reserved
    return bytes.text(history);
}

} // namespace

TakeTime::TakeTime(std::chrono::system_clock::time_point start, std::uint32_t rate)
{
    using namespace std::chrono;
    const auto ns = duration_cast<nanoseconds>(start.time_since_epoch()).count();
    constexpr std::int64_t second = 1'000'000'000;
    const std::int64_t rest = (ns % second + second) % second;
    const std::time_t seconds = (ns - rest) / second;
    std::tm when{};
    localtime_r(&seconds, &when);
    date = formatted(when, "%Y-%m-%d");
    time = formatted(when, "%H:%M:%S");
    std::array<char, 16> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%06d", static_cast<int>(rest / 1000));
    std::string zone = formatted(when, "%z"); // +0100
    if (zone.size() == 5) zone.insert(3, ":");
    iso = date + "T" + time + fraction.data() + zone;
    const auto of_day =
        static_cast<std::uint64_t>(when.tm_hour * 3600 + when.tm_min * 60 + when.tm_sec);
    time_reference = of_day * rate + static_cast<std::uint64_t>(rest) * rate / second;
}

std::string new_take_uid()
{
    std::random_device source;
    std::string uid;
    for (int i = 0; i < 4; i++) {
        std::array<char, 16> word{};
        std::snprintf(word.data(), word.size(), "%08x", source());
        uid += word.data();
    }
    return uid;
}

RiffBytes metadata_chunks(const TakeSettings& settings, const TakeTime& time,
                          const TakeFileFacts& file)
{
    const std::string xml =
        evened(ixml(settings, file, time.time_reference + file.first_frame), "\n");
    RiffBytes both;
    both.chunk("bext", bext(settings, time, file)).chunk("iXML", RiffBytes().text(xml));
    return both;
}

} // namespace asiowire
