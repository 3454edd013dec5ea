// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/graph.hpp"
#include "tests/engine/notices.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace engine_test {

/// One value of the settings, by PipeWire's own tool.
inline std::uint32_t seen(const std::string& key)
{
    const std::string command = "pw-metadata -n settings 0 " + key + " 2>/dev/null";
    FILE* const tool = popen(command.c_str(), "r");
    std::uint32_t value = ~0u;
    std::array<char, 512> line{};
    while (tool != nullptr && fgets(line.data(), line.size(), tool) != nullptr)
        if (const char* found = std::strstr(line.data(), "value:'"))
            value = static_cast<std::uint32_t>(std::strtoul(found + 7, nullptr, 10));
    if (tool != nullptr) pclose(tool);
    return value;
}

inline asiowire::Forced seen_from_outside()
{
    return {.quantum = seen("clock.force-quantum"), .rate = seen("clock.force-rate")};
}

inline bool comes_to(const asiowire::Forced& expected)
{
    return wait_until([&] { return seen_from_outside() == expected; });
}

inline void want_pin(bool wanted)
{
    setenv("ASIOWIRE_PIN", wanted ? "1" : "0", 1);
}

/// Another process with a host that pins the graph.
class Child {
public:
    enum class End { kill, stop, exit };

    Child()
    {
        int down[2];
        int up[2];
        if (pipe(down) != 0 || pipe(up) != 0) return;
        pid_ = fork();
        if (pid_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            dup2(down[0], 0);
            dup2(up[1], 1);
            for (const int end : {down[0], down[1], up[0], up[1]}) close(end);
            execl("/proc/self/exe", "engine-test_pin", "hold", nullptr);
            _exit(127);
        }
        close(down[0]);
        close(up[1]);
        orders_ = down[1];
        char word = 0;
        ready = read(up[0], &word, 1) == 1;
        close(up[0]);
    }
    ~Child() { end(End::kill); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// True: it ended as it was told to.
    bool end(End how)
    {
        if (pid_ <= 0) return false;
        if (how == End::kill) ::kill(pid_, SIGKILL);
        const char order = how == End::exit ? 'x' : 's';
        if (how != End::kill && write(orders_, &order, 1) != 1) return false;
        int status = 0;
        waitpid(pid_, &status, 0);
        pid_ = -1;
        close(orders_);
        return how == End::kill ? WIFSIGNALED(status) : WIFEXITED(status) && !WEXITSTATUS(status);
    }

    bool ready = false;

private:
    pid_t pid_ = -1;
    int orders_ = -1;
};

} // namespace engine_test
