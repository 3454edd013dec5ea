// SPDX-License-Identifier: MIT
#include "hooks/runner/program.hpp"

#include "hooks/runner/pulse.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace asiowire::hooks {

namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20;

/// Two ends, ours without blocking. Sockets: writing to one may be told not to raise SIGPIPE.
class Pipe {
public:
    Pipe()
    {
        std::array<int, 2> ends = {-1, -1};
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return;
        ours = ends[0];
        theirs = ends[1];
        fcntl(ours, F_SETFL, O_NONBLOCK);
    }
    ~Pipe()
    {
        shut(ours);
        shut(theirs);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    static void shut(int& end)
    {
        if (end >= 0) close(end);
        end = -1;
    }

    /// Takes what there is; shuts at the end.
    void take(std::string& to)
    {
        std::array<char, 65536> bytes;
        const ssize_t got = read(ours, bytes.data(), bytes.size());
        if (got > 0) to.append(bytes.data(), static_cast<std::size_t>(got));
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) shut(ours);
    }

    void give(std::string_view& rest)
    {
        const ssize_t sent = send(ours, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
        if (rest.empty() || (sent < 0 && errno != EAGAIN && errno != EINTR)) shut(ours);
    }

    int ours = -1;
    int theirs = -1;
};

pid_t start(std::vector<std::string>& words, const std::array<int, 3>& streams, int& failure)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 3; i++)
        posix_spawn_file_actions_adddup2(&actions, streams[static_cast<std::size_t>(i)], i);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    failure = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

} // namespace

ProgramEnd run_program(std::vector<std::string> words, const std::string& input, int seconds)
{
    ProgramEnd end;
    Pipe in;
    Pipe out;
    Pipe err;
    int failure = 0;
    const pid_t child = start(words, {in.theirs, out.theirs, err.theirs}, failure);
    if (failure != 0) {
        end.err = words[0] + " cannot be started: " + std::strerror(failure);
        return end;
    }
    for (Pipe* const pipe : {&in, &out, &err}) Pipe::shut(pipe->theirs);

    std::string_view rest = input;
    std::string stopped;
    const std::uint64_t deadline = now_ns() + static_cast<std::uint64_t>(seconds) * 1'000'000'000;
    if (rest.empty()) Pipe::shut(in.ours);
    while (stopped.empty() && (in.ours >= 0 || out.ours >= 0 || err.ours >= 0)) {
        std::array<pollfd, 3> ends = {
            {{in.ours, POLLOUT, 0}, {out.ours, POLLIN, 0}, {err.ours, POLLIN, 0}}};
        poll(ends.data(), ends.size(), 200);
        if (ends[0].revents != 0) in.give(rest);
        if (ends[1].revents != 0) out.take(end.out);
        if (ends[2].revents != 0) err.take(end.err);
        if (now_ns() > deadline)
            stopped = words[0] + " took longer than " + std::to_string(seconds) + " s";
        if (end.out.size() + end.err.size() > most_bytes)
            stopped = words[0] + " said more than 64 MiB";
    }
    if (!stopped.empty()) kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    end.well = stopped.empty() && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    end.err += stopped;
    return end;
}

} // namespace asiowire::hooks
