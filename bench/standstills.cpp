// SPDX-License-Identifier: MIT
// How often the machine itself stood still for a millisecond or longer.
//
// Usage: standstills CPU SECONDS → the count
#include "tests/engine/standstill.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sched.h>
#include <thread>

int main(int count, char** words)
{
    if (count != 3) return 2;
    cpu_set_t processor;
    CPU_ZERO(&processor);
    CPU_SET(std::atoi(words[1]), &processor);
    if (sched_setaffinity(0, sizeof processor, &processor) != 0) {
        std::perror("standstills");
        return 1;
    }
    const engine_test::StandstillWatch watch(std::chrono::microseconds(500));
    std::this_thread::sleep_for(std::chrono::duration<double>(std::atof(words[2])));
    std::printf("%d\n", watch.count());
    return 0;
}
