// SPDX-License-Identifier: MIT
// Writes a take as it is told, with a counter in every channel; what came of it is a line of JSON.
//
//     taps-take_writer FOLDER NAME [--channels N] [--rate HZ] [--poly] [--rotation FRAMES]
//         [--riff-limit BYTES] [--started UNIX_NS] [--track NAME]... [--block FRAMES] -- STEP...
//
// Steps: write:FRAMES  silence:FRAMES  mark:FRAME:TEXT  xrun:FRAME  rename:FRAME:TRACK:NAME
//        remark:TEXT  refresh  floats:HEX,HEX… (bits of float32, the same in all channels)
//        live:FILE (writes in real time for ever, the frames so far in FILE as 8 bytes)
//        wait (for a line on standard input)  exit (without finishing)
// Channel c holds (frame + 65537 × c) mod 2^24 - 2^23 as 24-bit code, silence not counted out.

#include "taps/take.hpp"

#include <bit>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace asiowire;

namespace {

std::string next(std::string& text, char end)
{
    const std::size_t at = text.find(end);
    std::string first = text.substr(0, at);
    text = at == std::string::npos ? "" : text.substr(at + 1);
    return first;
}

class Writer {
public:
    Writer(Take take, std::size_t channels, std::size_t block, std::uint32_t rate)
        : take_(std::move(take)), samples_(channels, std::vector<float>(block)), block_(block),
          rate_(rate)
    {
        for (const auto& channel : samples_) pointers_.push_back(channel.data());
    }

    Take::Outcome step(std::string step)
    {
        const std::string verb = next(step, ':');
        if (verb == "write") return write(std::stoull(step));
        if (verb == "silence") return take_.silence(std::stoull(step));
        if (verb == "refresh") return take_.refresh();
        if (verb == "floats") return floats(step);
        if (verb == "live") return live(step);
        if (verb == "wait") return wait();
        if (verb == "exit") std::_Exit(0);
        if (verb == "remark") take_.remark(step);
        if (verb == "mark" || verb == "xrun" || verb == "rename") mark(verb, step);
        return {};
    }

    Take& take() { return take_; }

private:
    Take::Outcome block(std::size_t frames)
    {
        const std::uint64_t first = take_.counts().frames;
        for (std::size_t c = 0; c < samples_.size(); c++)
            for (std::size_t f = 0; f < frames; f++) {
                const auto code = static_cast<std::int32_t>((first + f + 65537 * c) & 0xff'ffff);
                samples_[c][f] = static_cast<float>(code - (1 << 23)) / (1 << 23);
            }
        return take_.write(pointers_, frames);
    }

    Take::Outcome write(std::uint64_t frames)
    {
        while (frames > 0) {
            const std::uint64_t now = std::min<std::uint64_t>(frames, block_);
            if (Take::Outcome outcome = block(now); !outcome) return outcome;
            frames -= now;
        }
        return {};
    }

    Take::Outcome floats(std::string list)
    {
        std::vector<float> values;
        while (!list.empty())
            values.push_back(std::bit_cast<float>(
                static_cast<std::uint32_t>(std::stoul(next(list, ','), nullptr, 16))));
        const std::vector<const float*> all(samples_.size(), values.data());
        return take_.write(all, values.size());
    }

    Take::Outcome live(const std::string& file)
    {
        const int progress = open(file.c_str(), O_WRONLY | O_CREAT, 0600);
        const auto begin = std::chrono::steady_clock::now();
        while (true) {
            const std::uint64_t frames = take_.counts().frames;
            if (pwrite(progress, &frames, sizeof frames, 0) != sizeof frames) std::abort();
            std::this_thread::sleep_until(
                begin + std::chrono::nanoseconds(1'000'000'000 * frames / rate_));
            if (Take::Outcome outcome = block(block_); !outcome) return outcome;
        }
    }

    static Take::Outcome wait()
    {
        std::string line;
        std::puts("waiting");
        std::fflush(stdout);
        std::getline(std::cin, line);
        return {};
    }

    void mark(const std::string& verb, std::string rest)
    {
        const std::uint64_t frame = std::stoull(next(rest, ':'));
        if (verb == "mark") take_.mark(frame, rest);
        if (verb == "xrun") take_.graph_xrun(frame);
        if (verb == "rename") {
            const std::string track = next(rest, ':');
            take_.track_renamed(frame, std::stoull(track), rest);
        }
    }

    Take take_;
    std::vector<std::vector<float>> samples_;
    std::vector<const float*> pointers_;
    std::size_t block_;
    std::uint32_t rate_;
};

/// One sentence in quotes: nothing in it needs more.
std::string quoted(std::string text)
{
    for (char& c : text)
        if (c == '"' || c == '\\') c = '\'';
    return '"' + text + '"';
}

int say(const std::string& folder, const std::string& error, const TakeCounts& counts)
{
    std::printf("{\"folder\": %s, \"error\": %s, \"frames\": %llu, \"gaps\": %llu}\n",
                quoted(folder).c_str(), quoted(error).c_str(),
                static_cast<unsigned long long>(counts.frames),
                static_cast<unsigned long long>(counts.gaps));
    return 0;
}

} // namespace

int main(int count, char** words)
{
    TakeSettings settings;
    settings.folder = words[1];
    settings.name = words[2];
    std::size_t channels = 2, block = 480;
    std::vector<std::string> names;
    int i = 3;
    for (; i < count && std::strcmp(words[i], "--") != 0; i++) {
        const std::string option = words[i];
        if (option == "--poly") {
            settings.polyphonic = true;
            continue;
        }
        const std::string value = words[++i];
        if (option == "--channels") channels = std::stoull(value);
        if (option == "--rate") settings.rate = static_cast<std::uint32_t>(std::stoul(value));
        if (option == "--rotation") settings.rotation = std::stoull(value);
        if (option == "--riff-limit") settings.riff_limit = std::stoull(value);
        if (option == "--block") block = std::stoull(value);
        if (option == "--track") names.push_back(value);
        if (option == "--started")
            settings.started = std::chrono::system_clock::time_point(
                std::chrono::nanoseconds(std::stoll(value)));
    }
    for (std::size_t c = 0; c < std::max(channels, names.size()); c++) {
        const std::string number = std::to_string(c + 1);
        settings.tracks.push_back({c < names.size() ? names[c] : "", "input " + number, "RD"});
    }
    const std::size_t tracks = settings.tracks.size();
    const std::uint32_t rate = settings.rate;
    auto take = Take::begin(std::move(settings));
    if (!take) return say("", take.error(), {});
    Writer writer(std::move(*take), tracks, block, rate);
    std::string error;
    for (i++; i < count && error.empty(); i++)
        if (const Take::Outcome outcome = writer.step(words[i]); !outcome) error = outcome.error();
    if (const Take::Outcome outcome = writer.take().finish(); !outcome && error.empty())
        error = outcome.error();
    return say(writer.take().folder().string(), error, writer.take().counts());
}
