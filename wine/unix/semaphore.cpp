// SPDX-License-Identifier: MIT

#include "wine/unix/semaphore.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace asiowire {

void Semaphore::release()
{
    count_.fetch_add(1, std::memory_order_release);
    syscall(SYS_futex, &count_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

// A function of its own, without anything to clean up: unwinding passes through it freely, and its
// callers are compiled for a call that may throw.
void Semaphore::wait(const timespec* timeout)
{
    syscall(SYS_futex, &count_, FUTEX_WAIT_PRIVATE, 0, timeout, nullptr, 0);
}

} // namespace asiowire
