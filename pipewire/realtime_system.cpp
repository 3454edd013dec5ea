// SPDX-License-Identifier: MIT
// What realtime.cpp decides, done on this system.

#include "pipewire/broker.hpp"
#include "pipewire/realtime.hpp"

#include <cstdlib>
#include <dirent.h>
#include <fstream>
#include <pthread.h>
#include <sched.h>
#include <set>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace asiowire {

namespace {

class ThisSystem final : public RealtimeSystem {
public:
    int fifo(int priority) override
    {
        sched_param parameters{};
        parameters.sched_priority = priority;
        return pthread_setschedparam(pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters);
    }

    int limit() override
    {
        rlimit now{};
        if (getrlimit(RLIMIT_RTPRIO, &now) != 0) return 0;
        if (now.rlim_cur < now.rlim_max) {
            now.rlim_cur = now.rlim_max;
            if (setrlimit(RLIMIT_RTPRIO, &now) != 0) return 0;
        }
        constexpr rlim_t highest = 99;
        return static_cast<int>(now.rlim_cur < highest ? now.rlim_cur : highest);
    }

    Result<int> ask(Broker broker, int priority) override
    {
        // Brokers only take threads whose children will not be real-time.
        const sched_param ordinary{};
        if (sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &ordinary) != 0)
            return std::unexpected(Status::system_error);
        return ask_broker(broker, gettid(), priority);
    }

    bool bind(const std::vector<int>& processors) override
    {
        cpu_set_t set;
        CPU_ZERO(&set);
        for (const int processor : processors)
            CPU_SET(processor, &set);
        return sched_setaffinity(0, sizeof set, &set) == 0;
    }
};

/// The numbers among a folder's entries, as /proc has them.
std::vector<int> numbers_in(const std::string& folder)
{
    std::vector<int> numbers;
    DIR* const entries = opendir(folder.c_str());
    if (entries == nullptr) return numbers;
    while (const dirent* entry = readdir(entries))
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
            numbers.push_back(std::atoi(entry->d_name));
    closedir(entries);
    return numbers;
}

std::string folder_of(pid_t process)
{
    return "/proc/" + std::to_string(process);
}

bool is_daemon(pid_t process)
{
    std::string name;
    std::ifstream file(folder_of(process) + "/comm");
    return process > 0 && std::getline(file, name) && name == "pipewire";
}

bool is_ours(pid_t process)
{
    struct stat status{};
    return stat(folder_of(process).c_str(), &status) == 0 && status.st_uid == geteuid();
}

/// 0 = none of its threads is real-time.
int lowest_priority(pid_t process)
{
    int lowest = 0;
    for (const int thread : numbers_in(folder_of(process) + "/task")) {
        sched_param parameters{};
        if (sched_getparam(thread, &parameters) != 0) continue;
        const int priority = parameters.sched_priority;
        if (priority > 0 && (lowest == 0 || priority < lowest)) lowest = priority;
    }
    return lowest;
}

} // namespace

Scheduling become_realtime(const std::string& name, const RealtimeWish& wish, int daemon)
{
    pthread_setname_np(pthread_self(), name.c_str());
    ThisSystem system;
    return obtain(wish, daemon, system);
}

int daemon_priority()
{
    std::set<pid_t> daemons;
    for (const int file : numbers_in("/proc/self/fd")) {
        ucred peer{};
        socklen_t bytes = sizeof peer;
        if (getsockopt(file, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) == 0 && is_daemon(peer.pid))
            daemons.insert(peer.pid);
    }
    if (daemons.empty())
        for (const int process : numbers_in("/proc"))
            if (is_daemon(process) && is_ours(process)) daemons.insert(process);
    int lowest = daemons.empty() ? -1 : 0;
    for (const pid_t daemon : daemons) {
        const int priority = lowest_priority(daemon);
        if (priority > 0 && (lowest <= 0 || priority < lowest)) lowest = priority;
    }
    return lowest;
}

} // namespace asiowire
