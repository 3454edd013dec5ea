// SPDX-License-Identifier: MIT
// asiowire-hooks: runs analysis hooks; started by `asiowire hooks run` and `asiowire hooks try`.

#include "hooks/runner/supervisor.hpp"
#include "hooks/runner/text.hpp"
#include "pipewire/status_folder.hpp"
#include "tools/hook_runner/hear.hpp"
#include "tools/hook_runner/ring_feeds.hpp"
#include "tools/hook_runner/try_hook.hpp"

#include <array>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sys/signalfd.h>

using namespace asiowire;
using namespace asiowire::hooks;

namespace {

enum ExitCode { done = 0, failed = 1, usage = 2 };

/// The folder of this program: lib/asiowire of the installation.
std::filesystem::path own_folder()
{
    std::error_code ignored;
    return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

Places places()
{
    const std::filesystem::path folder = own_folder();
    const std::string includes = folder.parent_path().parent_path() / "include";
    return {status_folder(), folder / "hooks", {compile_cache(), includes},
            remembered_file()};
}

int complain(const std::string& why)
{
    std::fprintf(stderr, "asiowire: %s\n", why.c_str());
    return failed;
}

/// A descriptor that can be read when we are asked to end.
Fd end_signal()
{
    sigset_t ends;
    sigemptyset(&ends);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&ends, number);
    sigprocmask(SIG_BLOCK, &ends, nullptr);
    return Fd(signalfd(-1, &ends, SFD_CLOEXEC));
}

int run(std::vector<std::string> words)
{
    pid_t only = 0;
    if (words.size() >= 2 && words[0] == "--from") {
        only = static_cast<pid_t>(std::strtol(words[1].c_str(), nullptr, 10));
        if (only <= 0) return complain("--from " + words[1] + ": a process's number is needed");
        words.erase(words.begin(), words.begin() + 2);
    }
    if (status_folder().empty()) return complain("XDG_RUNTIME_DIR names no folder to work in");
    const Fd end = end_signal();
    auto supervisor = Supervisor::open(places());
    if (!supervisor) return complain(supervisor.error());
    for (const std::string& word : words)
        if (const auto added = (*supervisor)->add({word}); !added) return complain(added.error());
    for (const std::string& trouble : (*supervisor)->recall())
        std::fprintf(stderr, "asiowire: %s\n", printable(trouble).c_str());
    RingFeeds feeds(only);
    std::printf("the runner is ready; asiowire hooks list shows it\n");
    std::fflush(stdout);
    (*supervisor)->run([&](bool wanted) { return feeds.look(wanted); }, end.get());
    return done;
}

int try_one(std::vector<std::string> words)
{
    const bool json = std::erase(words, "--json") > 0;
    if (words.size() < 2) return complain("try needs a hook and a sound file");
    std::array<char, PATH_MAX> real{};
    if (realpath(words[1].c_str(), real.data()) == nullptr)
        return complain(words[1] + ": there is no such file");
    words.erase(words.begin() + 1);
    const Places where = places();
    auto spec = HookSpec::of(words, where.ready);
    if (!spec) return complain(spec.error());
    return try_hook(std::move(*spec), where.workshop, real.data(), json) ? done : failed;
}

} // namespace

int main(int count, char** arguments)
{
    std::vector<std::string> words(arguments + 1, arguments + count);
    const std::string verb = words.empty() ? "" : words[0];
    if (!words.empty()) words.erase(words.begin());
    if (verb == "hear") return hear(words);
    if (verb == "run") return run(std::move(words));
    if (verb == "try") return try_one(std::move(words));
    std::fputs("asiowire-hooks is started by asiowire hooks run and asiowire hooks try\n", stderr);
    return usage;
}
