// SPDX-License-Identifier: MIT
#pragma once

#include "tests/scratch.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace engine_test {

/// A folder of its own where clients of this process look for a daemon, until it goes.
struct RuntimeFolder : scratch::Folder {
    RuntimeFolder() : Folder("/tmp/asiowire-engine") {} // short: a socket's path is, too

private:
    scratch::Variable variable_{"PIPEWIRE_RUNTIME_DIR", path};
};

/// A second daemon, made like the shared one, which a test may kill and start again.
class OwnDaemon {
public:
    /// `edit`: of the configuration, for sed
    explicit OwnDaemon(const std::string& edit = "")
    {
        const std::string shared = std::string(std::getenv("XDG_RUNTIME_DIR")) + "/pipewire.conf";
        const std::string command = "sed '" + edit + "' " + shared + " >" + config_;
        if (std::system(command.c_str()) != 0) return;
        start();
        for (int i = 0; i < 200 && !ready(); i++) usleep(20'000);
    }
    ~OwnDaemon() { kill(); }
    OwnDaemon(const OwnDaemon&) = delete;
    OwnDaemon& operator=(const OwnDaemon&) = delete;

    /// Does not wait until it is ready.
    void start()
    {
        pid_ = fork();
        if (pid_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            execlp("pipewire", "pipewire", "-c", config_.c_str(), nullptr);
            _exit(127);
        }
    }

    void kill()
    {
        signal(SIGKILL);
        if (pid_ > 0) waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    void freeze() { signal(SIGSTOP); }
    void thaw() { signal(SIGCONT); }

    /// Where it listens, or did.
    std::string socket_path() const { return folder_.path + "/pipewire-0"; }

    /// Whether the largest sink has its ports.
    static bool ready()
    {
        return std::system("pw-link -i 2>/dev/null | grep -q sink-32:playback_AUX31") == 0;
    }

private:
    void signal(int number)
    {
        if (pid_ > 0) ::kill(pid_, number); // −1 would mean everybody
    }

    RuntimeFolder folder_;
    const std::string config_ = folder_.path + "/pipewire.conf";
    pid_t pid_ = -1;
};

/// A socket where a daemon was, and nobody who answers.
class MuteDaemon {
public:
    explicit MuteDaemon(const std::string& path)
        : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        unlink(path.c_str());
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        listen(socket_, 8);
    }
    ~MuteDaemon() { close(socket_); }
    MuteDaemon(const MuteDaemon&) = delete;
    MuteDaemon& operator=(const MuteDaemon&) = delete;

private:
    int socket_;
};

} // namespace engine_test
