// SPDX-License-Identifier: MIT
#include "tools/asiowire/hooks.hpp"

#include "hooks/runner/local_socket.hpp"
#include "pipewire/status_folder.hpp"
#include "tools/asiowire/sweep_file.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>
#include <thread>

namespace asiowire {

namespace {

enum ExitCode { done = 0, failed = 1, usage = 2 };

constexpr char help[] =
    "Usage: asiowire hooks run [--from PID] [HOOK…]  run hooks here, until asked to stop\n"
    "       asiowire hooks add HOOK [key=value…]     HOOK: FILE.c, FILE.so or a ready-made one's name\n"
    "       asiowire hooks remove NAME\n"
    "       asiowire hooks list  [--json]            what runs, and how it fares\n"
    "       asiowire hooks watch [--json]            the newest results, every second\n"
    "       asiowire hooks log   [--json] [--follow] what happened; with --follow also what happens,\n"
    "                                                every result included\n"
    "       asiowire hooks try HOOK FILE.wav [key=value…] [--json]  let a hook hear a sound file\n"
    "       asiowire hooks sweep FILE.wav [key=value…]  write the sweep that the hook volterra listens\n"
    "                                                for: f1=20 f2=20000 seconds=10 rate=48000 level=-6\n"
    "       asiowire hooks stop                      end the runner\n"
    "\n"
    "For every hook: name=…, channels=all|inputs|outputs|in_1,out_2…, limit.ms=700 for one call,\n"
    "limit.mb=256 of memory. Exit codes: 0 done, 1 failed (the reason is printed), 2 wrong usage.\n";

int complain(const std::string& why)
{
    std::fprintf(stderr, "asiowire: %s\n", why.c_str());
    return failed;
}

/// Sends a question and prints the answer as it comes.
int ask(const std::vector<std::string>& words)
{
    std::string question;
    for (const std::string& word : words) {
        if (word.find_first_of("\t\n") != std::string::npos)
            return complain("'" + word + "': a tab or a line end cannot be passed on");
        question += (question.empty() ? "" : "\t") + word;
    }
    question += '\n';
    const std::string folder = status_folder();
    if (folder.empty()) return complain("XDG_RUNTIME_DIR names no folder to look into");
    const hooks::Fd runner = hooks::local_socket(hooks::runner_socket(folder), false);
    if (!runner) return complain("no runner is there; start one with: asiowire hooks run");
    if (send(runner.get(), question.data(), question.size(), MSG_NOSIGNAL) < 0)
        return complain(std::string("the runner does not listen: ") + std::strerror(errno));

    std::string verdict;
    std::array<char, 65536> bytes;
    for (;;) {
        const ssize_t got = recv(runner.get(), bytes.data(), bytes.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        std::string_view piece(bytes.data(), static_cast<std::size_t>(got));
        while (!piece.empty() && !verdict.ends_with('\n')) {
            verdict += piece[0];
            piece.remove_prefix(1);
        }
        std::FILE* const to = verdict == "ok\n" ? stdout : stderr;
        std::fwrite(piece.data(), 1, piece.size(), to);
        std::fflush(to);
        if (std::ferror(to) != 0) break;
    }
    if (verdict.empty()) return complain("the runner ended before it answered");
    return verdict == "ok\n" ? done : failed;
}

int add(std::vector<std::string> words)
{
    std::string& hook = words[1];
    if (hook.contains('/') || hook.ends_with(".c") || hook.ends_with(".so")) {
        std::array<char, PATH_MAX> real{};
        if (realpath(hook.c_str(), real.data()) == nullptr)
            return complain(hook + ": " + std::strerror(errno));
        hook = real.data();
    }
    return ask(words);
}

int watch(bool json)
{
    const bool to_screen = isatty(STDOUT_FILENO) != 0 && !json;
    for (;;) {
        if (to_screen) std::fputs("\033[H\033[2J", stdout);
        if (const int code = ask({"values", json ? "json" : "text"}); code != done) return code;
        if (std::ferror(stdout) != 0) return done;
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
}

int become(const std::string& program, std::vector<std::string> words)
{
    words.insert(words.begin(), program);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv(program.c_str(), arguments.data());
    return complain(program + ": " + std::strerror(errno));
}

} // namespace

int hooks_command(std::vector<std::string> words, const std::string& program)
{
    const std::string verb = words.empty() ? "" : words[0];
    if (verb == "run" || verb == "try") return become(program, std::move(words));
    if (verb == "add" && words.size() >= 2) return add(std::move(words));
    if (verb == "remove" && words.size() == 2) return ask(words);
    if (verb == "sweep" && words.size() >= 2) {
        const std::string why = write_sweep({words.begin() + 1, words.end()});
        return why.empty() ? done : complain(why);
    }
    const bool json = std::erase(words, "--json") > 0;
    const bool follow = std::erase(words, "--follow") > 0;
    if (words.size() == 1) {
        if (verb == "list" && !follow) return ask({verb, json ? "json" : "text"});
        if (verb == "watch" && !follow) return watch(json);
        if (verb == "log") return ask({verb, json ? "json" : "text", follow ? "follow" : "once"});
        if (verb == "stop" && !json && !follow) return ask({verb});
    }
    const bool asked = verb == "--help" || verb == "-h";
    std::fputs(help, asked ? stdout : stderr);
    return asked ? done : usage;
}

} // namespace asiowire
