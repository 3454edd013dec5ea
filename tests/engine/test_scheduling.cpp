// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"

#include <cstring>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/cmocka.hpp"

// The audio thread's priority and processors, asked of the kernel by the host on that very thread.

using namespace engine_test;
using asiowire::Scheduling;

namespace {

/// What the kernel says of the thread that a host computes on.
struct Kernel {
    int policy = -1;
    int priority = -1;
    int processors = 0;
    Scheduling said;
};

Kernel seen_on_audio_thread;

void say(const char* name, const char* value)
{
    value == nullptr ? unsetenv(name) : setenv(name, value, 1);
}

Kernel run_with(const char* mode, const char* priority, const char* affinity)
{
    say("ASIOWIRE_RT", mode);
    say("ASIOWIRE_RT_PRIORITY", priority);
    say("ASIOWIRE_AFFINITY", affinity);
    seen_on_audio_thread = {};
    std::string message;
    Kernel result;
    {
        const auto engine = open_engine(message);
        if (!engine) return result;
        Host host(*engine, {.block = 256, .inputs = 0x3, .outputs = 0x3});
        host.hook = [](Host&, const Block&) {
            sched_param parameters{};
            cpu_set_t set;
            seen_on_audio_thread.policy = sched_getscheduler(0);
            sched_getparam(0, &parameters);
            seen_on_audio_thread.priority = parameters.sched_priority;
            sched_getaffinity(0, sizeof set, &set);
            seen_on_audio_thread.processors = CPU_COUNT(&set);
            return true;
        };
        host.start();
        host.wait_for_blocks(3);
        host.stop();
        result = seen_on_audio_thread;
        result.said = engine->scheduling();
    }
    return result;
}

/// Who listens on the rig's socket; 0 when nobody does.
pid_t rigs_daemon()
{
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = ""};
    const std::string path = std::string(std::getenv("XDG_RUNTIME_DIR")) + "/pipewire-0";
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int socket_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ucred peer{};
    socklen_t size = sizeof peer;
    if (connect(socket_fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        getsockopt(socket_fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        peer.pid = 0;
    close(socket_fd);
    return peer.pid;
}

/// Of the rig's daemon: its one real-time thread's, by chrt.
int rigs_priority()
{
    const std::string command = "chrt -a -p " + std::to_string(rigs_daemon()) +
                                " | awk '/priority:/{if ($NF>m) m=$NF} END{print m+0}'";
    FILE* const tool = popen(command.c_str(), "r");
    int priority = -1;
    if (tool == nullptr || std::fscanf(tool, "%d", &priority) != 1) priority = -1;
    if (tool != nullptr) pclose(tool);
    return priority;
}

bool may_be_realtime()
{
    rlimit limit{};
    getrlimit(RLIMIT_RTPRIO, &limit);
    return geteuid() == 0 || limit.rlim_max >= 20;
}

#define NEEDS_THE_RIGHT                                                                            \
    if (!may_be_realtime()) {                                                                      \
        print_message("skipped: no right to real-time priorities here\n");                         \
        skip();                                                                                    \
    }

void automatic_is_below_the_daemon(void**)
{
    NEEDS_THE_RIGHT
    const int daemon = rigs_priority();
    const Kernel run = run_with(nullptr, nullptr, nullptr);
    print_message("daemon %d, audio thread %d: %s\n", daemon, run.priority, run.said.story.c_str());
    assert_true(daemon > 1);
    assert_int_equal(run.policy, SCHED_FIFO | SCHED_RESET_ON_FORK);
    assert_int_equal(run.priority, daemon - 1);
    assert_int_equal(run.said.priority, run.priority);
    assert_int_equal(run.said.daemon_priority, daemon);
    assert_true(run.said.way == Scheduling::Way::limit);
}

void off_is_ordinary(void**)
{
    const Kernel run = run_with("off", nullptr, nullptr);
    assert_int_equal(run.policy, SCHED_OTHER);
    assert_int_equal(run.said.priority, 0);
    const Kernel zero = run_with(nullptr, "0", nullptr);
    assert_int_equal(zero.policy, SCHED_OTHER);
}

void a_number_is_taken_as_it_is(void**)
{
    NEEDS_THE_RIGHT
    const Kernel run = run_with(nullptr, "7", nullptr);
    assert_int_equal(run.priority, 7);
    assert_int_equal(run.said.priority, 7);
}

void the_audio_thread_stays_on_its_processors(void**)
{
    cpu_set_t mine;
    sched_getaffinity(0, sizeof mine, &mine);
    int first = 0;
    while (!CPU_ISSET(first, &mine))
        first++;
    const Kernel run = run_with("off", nullptr, std::to_string(first).c_str());
    const Kernel refused = run_with("off", nullptr, "1023");
    assert_int_equal(run.processors, 1);
    assert_int_equal(run.said.processors, 1);
    assert_int_equal(refused.said.processors, 0);
    assert_non_null(std::strstr(refused.said.story.c_str(), "refused"));
}

int use_the_small_sink(void**)
{
    use_devices("sink-2", "sink-2");
    return 0;
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(automatic_is_below_the_daemon),
        cmocka_unit_test(off_is_ordinary),
        cmocka_unit_test(a_number_is_taken_as_it_is),
        cmocka_unit_test(the_audio_thread_stays_on_its_processors),
    };
    return cmocka_run_group_tests(tests, use_the_small_sink, nullptr);
}
