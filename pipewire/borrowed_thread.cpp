// SPDX-License-Identifier: MIT

#include "pipewire/borrowed_thread.hpp"

#include <chrono>

namespace asiowire {

namespace {
constexpr auto patience = std::chrono::seconds(2);
}

const spa_thread_utils_methods BorrowedThread::methods = {
    .version = SPA_VERSION_THREAD_UTILS_METHODS,
    .create = [](void* self, const spa_dict*, Entry entry, void* argument) -> spa_thread* {
        return static_cast<BorrowedThread*>(self)->create(entry, argument);
    },
    .join = [](void* self, spa_thread*, void** result) -> int {
        static_cast<BorrowedThread*>(self)->join();
        if (result != nullptr) *result = nullptr;
        return 0;
    },
    .get_rt_range = [](void*, const spa_dict*, int* min, int* max) -> int {
        *min = 1;
        *max = 99;
        return 0;
    },
    // The lender sees to its own priority (realtime.hpp).
    .acquire_rt = [](void*, spa_thread*, int) -> int { return 0; },
    .drop_rt = [](void*, spa_thread*) -> int { return 0; },
};

BorrowedThread::BorrowedThread(pw_data_loop* loop) : loop_(loop)
{
    first_turn_ = pw_loop_add_event(
        pw_data_loop_get_loop(loop_),
        [](void* self, std::uint64_t) {
            static_cast<BorrowedThread*>(self)->first_turned_.release();
        },
        this);
    // PipeWire has just begun a thread of its own. Asked to stop while it enters its loop, it never
    // hears of it, and who waits for its end waits for ever (0.3.65, one opening in some thousand).
    static_cast<void>(has_turned());
    pw_data_loop_stop(loop_);
    utils_.iface = SPA_INTERFACE_INIT(SPA_TYPE_INTERFACE_ThreadUtils, SPA_VERSION_THREAD_UTILS,
                                      &methods, this);
    pw_data_loop_set_thread_utils(loop_, &utils_);
}

BorrowedThread::~BorrowedThread()
{
    if (lost_) return; // the loop still believes to be in use on the dead thread
    stop();
    pw_loop_destroy_source(pw_data_loop_get_loop(loop_), first_turn_);
}

void BorrowedThread::expect()
{
    while (summons_.try_acquire()) {}
    while (first_turned_.try_acquire()) {}
    while (left_.try_acquire()) {}
    entry_ = nullptr;
}

Status BorrowedThread::start()
{
    if (pw_data_loop_start(loop_) < 0) return Status::system_error;
    if (has_turned()) return Status::ok;
    stop();
    return Status::system_error;
}

/// Asks the loop for a turn and waits for it.
bool BorrowedThread::has_turned()
{
    pw_loop_signal_event(pw_data_loop_get_loop(loop_), first_turn_);
    return first_turned_.try_acquire_for(patience);
}

void BorrowedThread::stop()
{
    pw_data_loop_stop(loop_);
    dismiss();
    join(); // a lender that left by itself is still on its way out
}

void BorrowedThread::lend()
{
    summons_.acquire();
    if (entry_ == nullptr) return;
    inside_ = true;
    entry_(argument_);
    left_.release();
    inside_ = false; // the last touch: whoever waits for it may free us next
}

spa_thread* BorrowedThread::create(Entry entry, void* argument)
{
    entry_ = entry;
    argument_ = argument;
    summons_.release();
    return reinterpret_cast<spa_thread*>(this); // only handed back to join()
}

void BorrowedThread::join()
{
    // In steps: the release comes just before the flag, and two threads may wait for the one.
    while (inside_ && !lost_) left_.try_acquire_for(std::chrono::milliseconds(2));
}

} // namespace asiowire
