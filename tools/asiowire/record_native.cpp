// SPDX-License-Identifier: MIT
// The recorder that needs no driver: a listening node, the ring, the disk thread, and a display.

#include "hooks/runner/local_socket.hpp"
#include "pipewire/ring_sign.hpp"
#include "pipewire/status_folder.hpp"
#include "tools/asiowire/console_names.hpp"
#include "tools/asiowire/listening.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <poll.h>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>

namespace asiowire {

namespace {

using State = RecorderStatus::State;
using std::chrono::steady_clock;

constexpr auto pace_ns = 100'000'000L; // of display and keys
constexpr auto line_pace = std::chrono::seconds(10);
constexpr double ring_seconds = 10; // beyond the pre-roll

/// What is asked of us from outside, one at a time.
enum class Wish { nothing, end, begin };

/// The signals that end a take or begin it, kept from all threads but this one's asking.
class Signals {
public:
    Signals()
    {
        sigemptyset(&set_);
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1})
            sigaddset(&set_, number);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        std::signal(SIGTTIN, SIG_IGN); // or a recorder in the background would stand still
        std::signal(SIGPIPE, SIG_IGN);
    }
    /// Waits for a signal, a tenth of a second.
    Wish wait() const
    {
        const timespec patience = {.tv_sec = 0, .tv_nsec = pace_ns};
        const int number = sigtimedwait(&set_, nullptr, &patience);
        return number < 0 ? Wish::nothing : number == SIGUSR1 ? Wish::begin : Wish::end;
    }

private:
    sigset_t set_;
};

/// What the user types, line by line.
class Keyboard {
public:
    /// True: there is a whole line.
    bool line(std::string& into)
    {
        pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        while (open_ && poll(&ready, 1, 0) == 1) {
            char typed = 0;
            open_ = read(STDIN_FILENO, &typed, 1) == 1;
            if (open_ && typed != '\n') typed_ += typed;
            if (!open_ || typed != '\n') continue;
            into = std::move(typed_);
            typed_.clear();
            return true;
        }
        return false;
    }

private:
    bool open_ = true;
    std::string typed_;
};

/// What is said while it runs: a live picture on a terminal, else lines.
class Display {
public:
    void show(const RecordView& view)
    {
        if (live_) {
            winsize size{};
            ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
            const std::string screen = record_screen(view, size.ws_col == 0 ? 80 : size.ws_col);
            if (lines_ > 0) std::printf("\033[%zdA", lines_);
            std::fputs(screen.c_str(), stdout);
            lines_ = std::ranges::count(screen, '\n');
            std::fflush(stdout);
            return;
        }
        const std::string facts = std::to_string(static_cast<int>(view.status.state)) +
                                  view.status.message + std::to_string(view.dropped) + "," +
                                  std::to_string(view.status.damages) + view.hint;
        if (facts == facts_ && steady_clock::now() < next_line_) return;
        facts_ = facts;
        next_line_ = steady_clock::now() + line_pace;
        say(record_line(view) + (view.hint.empty() ? "" : "; " + view.hint));
    }
    void say(const std::string& sentence)
    {
        std::printf("%s%s\n", sentence.c_str(), live_ ? "\033[K" : "");
        std::fflush(stdout);
        lines_ = 0;
    }

private:
    const bool live_ = isatty(STDOUT_FILENO) != 0;
    std::ptrdiff_t lines_ = 0; // of the picture
    std::string facts_;
    steady_clock::time_point next_line_;
};

TakeSettings settings_for(const RecordOptions& options, const Listening& listening,
                          const ConsoleNames& names)
{
    TakeSettings settings;
    settings.folder = options.folder;
    settings.name = options.take;
    settings.polyphonic = options.polyphonic;
    settings.hooks = options.hooks;
    for (const std::uint32_t channel : listening.channels())
        settings.tracks.push_back({.name = "",
                                   .source = listening.node() + " " + std::to_string(channel + 1),
                                   .colour = ""});
    names.name(settings.tracks);
    return settings;
}

/// Runs a recorder until somebody ends it. Returns the exit code.
int run(const RecordOptions& options, Listening& listening, const ConsoleNames& names, Ring& ring,
        const Signals& signals)
{
    Display display;
    Keyboard keyboard;
    if (!listening.remark().empty()) display.say(listening.remark());
    Recorder recorder(ring,
                      {.preroll = options.preroll, .rotation = options.rotation, .meters = true});
    if (const auto begun = listening.begin("asiowire record", ring); !begun) {
        std::fprintf(stderr, "asiowire: %s\n", begun.error().c_str());
        return 1;
    }
    const std::uint64_t dropped_before = ring.header().dropped;
    const auto look = [&](std::string hint) {
        return RecordView{.status = recorder.status(),
                          .channels = listening.channels(),
                          .dropped = ring.header().dropped - dropped_before,
                          .take = options.take,
                          .hint = std::move(hint)};
    };
    bool wanted = options.preroll == 0;
    if (wanted) recorder.start(settings_for(options, listening, names));
    std::string trouble;
    for (bool over = false; !over;) {
        Wish wish = signals.wait();
        std::string line;
        if (keyboard.line(line)) {
            if (wanted) recorder.mark(line.empty() ? "mark" : line);
            if (!wanted) wish = Wish::begin;
        }
        if (wish == Wish::begin && !wanted) {
            wanted = true;
            recorder.start(settings_for(options, listening, names));
        }
        for (const std::string& sentence : names.follow(recorder)) display.say(sentence);
        const bool there = listening.there();
        display.show(look(!there ? "\"" + listening.node() + "\" is gone; silence is recorded"
                          : !wanted
                              ? "Enter begins the take " + clock_words(options.preroll) + " ago"
                              : "Ctrl-C ends the take"));
        const RecorderStatus now = recorder.status();
        if (listening.lost()) trouble = "the PipeWire daemon went away";
        const double length = options.seconds * now.rate;
        over = wish == Wish::end || now.state == State::failed || !trouble.empty() ||
               (length > 0 && static_cast<double>(now.counts.frames) >= length);
    }
    recorder.stop();
    while (!recorder.settled() && signals.wait() != Wish::end)
        if (!recorder.settled()) display.show(look("finishing; Ctrl-C does not wait for the disk"));
    const RecordView last = look("");
    display.say(record_line(last));
    if (!recorder.settled()) {
        std::fputs("asiowire: the disk does not answer; the take is not finished\n", stderr);
        _exit(1); // its thread cannot be waited for
    }
    if (!last.status.folder.empty()) display.say("take: " + last.status.folder);
    if (trouble.empty() && last.status.state == State::failed) trouble = last.status.message;
    if (!trouble.empty()) std::fprintf(stderr, "asiowire: %s\n", trouble.c_str());
    return !trouble.empty() ? 1 : last.status.damages > 0 ? 3 : 0;
}

} // namespace

int record_natively(const RecordOptions& options)
{
    std::error_code ignored;
    if (!std::filesystem::is_directory(options.folder, ignored)) {
        std::fprintf(stderr, "asiowire: --dir %s is no folder\n", options.folder.c_str());
        return 1;
    }
    const Signals signals; // before any other thread is born
    Listening listening;
    if (const auto found = listening.find(options); !found) {
        std::fprintf(stderr, "asiowire: %s\n", found.error().c_str());
        return 1;
    }
    const auto names = ConsoleNames::ask(options.x32, listening.channels());
    if (!names) {
        std::fprintf(stderr, "asiowire: --x32: %s\n", names.error().c_str());
        return 1;
    }
    std::vector<RingChannel> map;
    for (const std::uint32_t channel : listening.channels())
        map.push_back({RingChannel::input, static_cast<std::uint16_t>(channel)});
    const auto ring = Ring::create(
        {.channels = map, .rate = listening.rate(), .seconds = ring_seconds + options.preroll});
    if (!ring) {
        std::fprintf(stderr, "asiowire: %s\n", ring.error().c_str());
        return 1;
    }
    std::unique_ptr<RingSign> sign;
    if (options.hooks) {
        auto made = RingSign::put_up(status_folder(), (*ring)->descriptor());
        if (!made) {
            std::fprintf(stderr, "asiowire: --hooks: %s\n", made.error().c_str());
            return 1;
        }
        sign = std::move(*made);
        if (!hooks::local_socket(hooks::runner_socket(status_folder()), false))
            std::fputs("asiowire: --hooks: no runner is there; what hooks publish is written as soon "
                       "as one is: asiowire hooks run\n",
                       stderr);
    }
    const int code = run(options, listening, *names, **ring, signals);
    listening.end();
    return code;
}

} // namespace asiowire
