// SPDX-License-Identifier: MIT

#include "pipewire/realtime.hpp"

#include <cstring>
#include <pthread.h>
#include <sched.h>

namespace asiowire {

std::string become_realtime(const std::string& name, int priority)
{
    pthread_setname_np(pthread_self(), name.c_str());
    if (priority == 0) return name + ": ordinary scheduling, as asked";
    sched_param parameters{};
    parameters.sched_priority = priority;
    const int error =
        pthread_setschedparam(pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters);
    if (error == 0) return name + ": SCHED_FIFO priority " + std::to_string(priority);
    return name + ": ordinary scheduling, because real-time priority " +
           std::to_string(priority) + " was refused (" + std::strerror(error) +
           "); raise RLIMIT_RTPRIO for your user";
}

} // namespace asiowire
