// SPDX-License-Identifier: MIT
#include "hooks/runner/child.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace asiowire::hooks {

namespace {

/// What the process is given; places in its table of descriptors.
struct Gifts {
    int null = -1;
    int output = -1;
    int socket = -1;
    int pulse = -1;
    int source = -1;
};

/// Between fork and exec: nothing but system calls.
[[noreturn]] void become(char* const* words, const Gifts& gifts)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    // First out of the way of the places to be filled, then into them.
    std::array<std::array<int, 2>, 6> moves = {{{gifts.null, 0},
                                                {gifts.output, 1},
                                                {gifts.output, 2},
                                                {gifts.socket, child_socket},
                                                {gifts.pulse, child_pulse},
                                                {gifts.source, child_source}}};
    for (auto& move : moves) move[0] = fcntl(move[0], F_DUPFD_CLOEXEC, 10);
    for (const auto& [from, to] : moves)
        if (from >= 0) dup2(from, to);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execv(words[0], words);
    _exit(127);
}

std::string refused(const char* what)
{
    return std::string(what) + ": " + std::strerror(errno);
}

} // namespace

std::expected<std::unique_ptr<Child>, std::string> Child::start(std::vector<std::string> words,
                                                                int source)
{
    std::unique_ptr<Child> child(new Child);
    std::array<int, 2> sockets = {-1, -1};
    std::array<int, 2> outputs = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets.data()) != 0)
        return std::unexpected(refused("no socket for a hook"));
    child->socket_ = Fd(sockets[0]);
    const Fd their_socket(sockets[1]);
    if (pipe2(outputs.data(), O_CLOEXEC) != 0)
        return std::unexpected(refused("no pipe for a hook"));
    child->output_ = Fd(outputs[0]);
    const Fd their_output(outputs[1]);
    fcntl(outputs[0], F_SETFL, O_NONBLOCK);
    const Fd pulse(memfd_create("asiowire-pulse", MFD_CLOEXEC));
    const Fd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!pulse || !null || ftruncate(pulse.get(), sizeof(Pulse)) != 0)
        return std::unexpected(refused("no memory for a hook's pulse"));
    void* const page =
        mmap(nullptr, sizeof(Pulse), PROT_READ | PROT_WRITE, MAP_SHARED, pulse.get(), 0);
    if (page == MAP_FAILED) return std::unexpected(refused("no memory for a hook's pulse"));
    child->pulse_ = static_cast<Pulse*>(page);

    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const Gifts gifts = {null.get(), their_output.get(), their_socket.get(), pulse.get(), source};
    child->pid_ = fork();
    if (child->pid_ == 0) become(arguments.data(), gifts);
    if (child->pid_ < 0) return std::unexpected(refused("no process for a hook"));
    setpgid(child->pid_, child->pid_); // whoever comes first: it can be killed with its group now
    // Not by its name in libc: Debian 12's header forgets that it is C.
    child->pidfd_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, child->pid_, 0)));
    child->datagram_.resize(wire_most_bytes);
    return child;
}

Child::~Child()
{
    if (pid_ > 0 && !ended_) {
        kill();
        while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) continue;
    }
    if (pulse_ != nullptr) munmap(pulse_, sizeof(Pulse));
}

bool Child::hear(const std::function<void(const Message&)>& message)
{
    constexpr int most = 64;
    for (int i = 0; i < most; i++) {
        if (!socket_) return false;
        const ssize_t got =
            recv(socket_.get(), datagram_.data(), datagram_.size(), MSG_DONTWAIT | MSG_TRUNC);
        if (got == 0) socket_.reset(); // its end is closed: the process's end will follow
        if (got <= 0) return false;
        const std::size_t bytes = std::min(static_cast<std::size_t>(got), datagram_.size());
        WireHead head;
        if (const auto one = Message::of({datagram_.data(), bytes}, head)) message(*one);
    }
    return true;
}

void Child::read_output(const std::function<void(std::string_view)>& output)
{
    std::array<char, 65536> bytes;
    const ssize_t got = read(output_.get(), bytes.data(), bytes.size());
    if (got > 0) output({bytes.data(), static_cast<std::size_t>(got)});
    if (got == 0) output_.reset();
}

void Child::dismiss()
{
    shutdown(socket_.get(), SHUT_WR);
}

void Child::kill()
{
    if (ended_) return;
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
}

std::uint64_t Child::inside_ns() const
{
    const std::uint64_t entered = pulse_->entered_ns;
    const std::uint64_t now = now_ns();
    return entered == 0 || entered > now ? 0 : now - entered;
}

bool Child::has_ended()
{
    if (ended_) return true;
    siginfo_t end{};
    if (waitid(P_PID, static_cast<id_t>(pid_), &end, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        end.si_pid != pid_)
        return false;
    ::kill(-pid_, SIGKILL); // what it has left behind, as long as the group's number is its own
    rusage used{};
    wait4(pid_, &status_, 0, &used);
    ended_ = true;
    most_resident_ = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
    return true;
}

std::string Child::epitaph(std::uint64_t memory_bytes)
{
    if (!ended_ || (WIFEXITED(status_) && WEXITSTATUS(status_) == 0)) return {};
    std::string how;
    if (WIFSIGNALED(status_))
        how = std::string("crashed: ") + strsignal(WTERMSIG(status_)) + " (signal " +
              std::to_string(WTERMSIG(status_)) + ")";
    else
        how = "ended by itself with exit code " + std::to_string(WEXITSTATUS(status_));
    if (most_resident_ >= memory_bytes / 10 * 9)
        how += "; it had used " + std::to_string(most_resident_ >> 20) + " MiB, and its limit is " +
               std::to_string(memory_bytes >> 20) + " MiB";
    return how;
}

} // namespace asiowire::hooks
