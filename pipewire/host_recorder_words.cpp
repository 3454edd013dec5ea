// SPDX-License-Identifier: MIT
// What the control socket is asked, and what it answers. On the control thread.

#include "pipewire/host_recorder.hpp"
#include "pipewire/tap.hpp"

#include <chrono>
#include <cstdio>
#include <thread>
#include <unistd.h>

namespace asiowire {

namespace {

using State = RecorderStatus::State;

const char* state_word(State state)
{
    switch (state) {
    case State::idle:
        return "idle";
    case State::waiting:
        return "waiting";
    case State::recording:
        return "recording";
    case State::failed:
        return "failed";
    }
    return "unknown";
}

/// Waits until a question is answered, for as long as a person waits.
template <class Question> bool wait_for(Question answered)
{
    for (int i = 0; i < 800; i++) {
        if (answered()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

/// A text as JSON has it; folders and messages may hold anything.
std::string quoted(const std::string& text)
{
    std::string inside;
    for (const char c : text) {
        if (c == '"' || c == '\\') inside += '\\';
        inside += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return '"' + inside + '"';
}

std::string as_json(const RecorderStatus& now, std::uint64_t dropped)
{
    const auto number = [](const char* name, std::uint64_t value) {
        return std::string(", \"") + name + "\": " + std::to_string(value);
    };
    return std::string("{\"state\": \"") + state_word(now.state) +
           "\", \"folder\": " + quoted(now.folder) + ", \"message\": " + quoted(now.message) +
           number("frames", now.counts.frames) + number("rate", now.rate) +
           number("channels", now.channels) + number("takes", now.takes) +
           number("gaps", now.counts.gaps) + number("gap_frames", now.counts.gap_frames) +
           number("graph_xruns", now.counts.xruns) + number("marks", now.counts.marks) +
           number("dropped_frames", dropped) + number("free_bytes", now.free_bytes) +
           number("ring_permille", static_cast<std::uint64_t>(now.fill * 1000)) +
           number("ring_highest_permille", static_cast<std::uint64_t>(now.fill_highest * 1000)) +
           "}";
}

std::string as_words(const RecorderStatus& now)
{
    const int fill = static_cast<int>(now.fill * 100);
    if (now.state == State::recording)
        return "recording " + now.folder + ": " + take_words(now.counts, now.rate) + "; ring " +
               std::to_string(fill) + " % full";
    if (now.state == State::waiting) return "waiting for the program to start its audio";
    if (now.state == State::failed) return "failed: " + now.message;
    if (now.takes == 0) return "nothing has been recorded";
    return "nothing is recorded; the latest take is " + now.folder + ": " +
           take_words(now.counts, now.rate);
}

} // namespace

HostRecorder::Answer HostRecorder::answer(std::string_view line)
{
    const std::size_t blank = line.find(' ');
    const std::string_view verb = line.substr(0, blank);
    const std::string rest(blank == std::string_view::npos ? "" : line.substr(blank + 1));
    if (verb == "start") return start(rest);
    if (verb == "stop" && rest.empty()) return stop();
    if (verb == "mark" && !rest.empty()) return mark(rest);
    if ((verb == "listen" || verb == "unlisten") && rest.empty()) return listen(verb == "listen");
    if (verb == "status" && (rest.empty() || rest == "json")) return status(!rest.empty());
    return std::unexpected(
        "\"" + std::string(line.substr(0, 40)) +
        "\" is not understood; there are start [--hooks] [NAME], stop, mark TEXT, status, listen and "
        "unlisten");
}

HostRecorder::Answer HostRecorder::start(std::string name)
{
    constexpr std::string_view with_hooks = "--hooks";
    const bool asked = name == with_hooks || name.starts_with(std::string(with_hooks) + " ");
    if (asked) name.erase(0, with_hooks.size() + 1);
    const bool hooks = asked || settings_.record_hooks;
    std::string remark;
    {
        const std::lock_guard guard(mutex_);
        if (!state_) return std::unexpected("the program has not prepared its audio yet");
        if (wanted())
            return std::unexpected("it is being recorded already: " + recorder_->status().folder);
        if (const auto ready = make_ready(); !ready) return std::unexpected(ready.error());
        begin(name.empty() ? dated() : name, hooks);
        if (hooks && !listened_) remark = "; no hook listens at present (asiowire hooks list)";
        if (!running_) return "recording begins when the program starts its audio" + remark;
    }
    RecorderStatus now;
    const bool answered = wait_for([&] {
        const bool obeyed = recorder_->settled(); // before that it tells of an earlier take
        now = recorder_->status();
        return obeyed && (now.state == State::recording || now.state == State::failed);
    });
    if (!answered) return "recording begins with the next audio; none has come so far";
    if (now.state == State::failed) return std::unexpected(now.message);
    return "recording " + now.folder + remark;
}

HostRecorder::Answer HostRecorder::stop()
{
    {
        const std::lock_guard guard(mutex_);
        if (!wanted()) return std::unexpected("nothing is recorded");
        recorder_->stop();
        if (tap_ && settings_.record_preroll == 0 && !listened_) tap_->turn(false);
    }
    if (!wait_for([this] { return recorder_->settled(); }))
        return std::unexpected("the disk is slow; what is in memory is still being written");
    const RecorderStatus now = recorder_->status();
    if (now.state == State::failed) return std::unexpected(now.message);
    if (now.takes == 0) return "stopped before any audio came";
    return "recorded " + now.folder + ": " + take_words(now.counts, now.rate);
}

HostRecorder::Answer HostRecorder::mark(const std::string& text)
{
    const std::lock_guard guard(mutex_);
    if (!recorder_ || recorder_->status().state != State::recording)
        return std::unexpected("nothing is recorded that could be marked");
    recorder_->mark(text);
    return "marked";
}

/// The audio thread pushes for whoever looks on; the answer is where the ring can be opened.
HostRecorder::Answer HostRecorder::listen(bool on)
{
    const std::lock_guard guard(mutex_);
    listened_ = on;
    if (!on) {
        if (tap_ && settings_.record_preroll == 0 && !wanted()) tap_->turn(false);
        return "nobody listens";
    }
    if (!state_) return std::unexpected("the program has not prepared its audio yet");
    if (const auto ready = make_ready(); !ready) return std::unexpected(ready.error());
    tap_->turn(true);
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(ring_->descriptor());
}

HostRecorder::Answer HostRecorder::status(bool json)
{
    const std::lock_guard guard(mutex_);
    const RecorderStatus now = recorder_ ? recorder_->status() : RecorderStatus{};
    return json ? as_json(now, ring_ ? ring_->header().dropped.load() : 0) : as_words(now);
}

} // namespace asiowire
