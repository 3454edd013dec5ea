// SPDX-License-Identifier: MIT
#include "hooks/runner/confine.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace asiowire::hooks {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t our_abi = AUDIT_ARCH_X86_64;
constexpr std::uint32_t first_foreign_call = 0x40000000; // the x32 calls
#elif defined(__aarch64__)
constexpr std::uint32_t our_abi = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t first_foreign_call = 0xffffffff;
#else
#error "name the system call ABI of this processor"
#endif

/// Units: bytes of address space in use
std::uint64_t mapped_now()
{
    std::FILE* const file = std::fopen("/proc/self/statm", "re");
    if (file == nullptr) return 0;
    unsigned long long pages = 0;
    if (std::fscanf(file, "%llu", &pages) != 1) pages = 0;
    std::fclose(file);
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

bool limit(int what, std::uint64_t most)
{
    const rlimit both = {most, most};
    return setrlimit(static_cast<__rlimit_resource>(what), &both) == 0;
}

/// Only local sockets can be made; io_uring, which could make others, is refused, too.
bool close_network()
{
    constexpr auto data = [](std::size_t offset) {
        return sock_filter(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
    };
    constexpr std::uint32_t refuse = SECCOMP_RET_ERRNO | EACCES;
    std::array<sock_filter, 11> program = {{
        data(offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, our_abi, 0, 7),
        data(offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first_foreign_call, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        data(offsetof(seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, refuse),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }};
    const sock_fprog filter = {static_cast<unsigned short>(program.size()), program.data()};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

} // namespace

std::string confine(std::uint64_t bytes)
{
    const auto refused = [](const char* what) {
        return std::string(what) + ": " + std::strerror(errno);
    };
    if (!limit(RLIMIT_CORE, 0)) return refused("core dumps cannot be ruled out");
    if (!limit(RLIMIT_AS, mapped_now() + bytes)) return refused("memory cannot be limited");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("rights cannot be fixed");
    if (!close_network()) return refused("the network cannot be closed");
    return {};
}

} // namespace asiowire::hooks
