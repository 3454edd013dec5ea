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
    pw_data_loop_stop(loop_);
    utils_.iface = SPA_INTERFACE_INIT(SPA_TYPE_INTERFACE_ThreadUtils, SPA_VERSION_THREAD_UTILS,
                                      &methods, this);
    pw_data_loop_set_thread_utils(loop_, &utils_);
    first_turn_ = pw_loop_add_event(
        pw_data_loop_get_loop(loop_),
        [](void* self, std::uint64_t) {
            auto* thread = static_cast<BorrowedThread*>(self);
            const std::lock_guard lock(thread->mutex_);
            thread->iterating_ = true;
            thread->changed_.notify_all();
        },
        this);
}

BorrowedThread::~BorrowedThread()
{
    if (lost_) return; // the loop still believes to be in use on the dead thread
    stop();
    pw_loop_destroy_source(pw_data_loop_get_loop(loop_), first_turn_);
}

void BorrowedThread::expect()
{
    const std::lock_guard lock(mutex_);
    dismissed_ = false;
}

Status BorrowedThread::start()
{
    {
        const std::lock_guard lock(mutex_);
        iterating_ = false;
    }
    if (pw_data_loop_start(loop_) < 0) return Status::system_error;
    pw_loop_signal_event(pw_data_loop_get_loop(loop_), first_turn_);
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, patience, [this] { return iterating_; })) return Status::ok;
    lock.unlock();
    stop();
    return Status::system_error;
}

void BorrowedThread::stop()
{
    dismiss();
    pw_data_loop_stop(loop_);
    join(); // a lender that left by itself is still on its way out
}

void BorrowedThread::lend()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return entry_ != nullptr || dismissed_; });
    if (entry_ == nullptr) return;
    const Entry entry = entry_;
    void* const argument = argument_;
    entry_ = nullptr;
    inside_ = true;
    lock.unlock();
    entry(argument);
    lock.lock();
    inside_ = false;
    changed_.notify_all();
}

void BorrowedThread::dismiss()
{
    const std::lock_guard lock(mutex_);
    dismissed_ = true;
    changed_.notify_all();
}

spa_thread* BorrowedThread::create(Entry entry, void* argument)
{
    const std::lock_guard lock(mutex_);
    entry_ = entry;
    argument_ = argument;
    changed_.notify_all();
    return reinterpret_cast<spa_thread*>(this); // only handed back to join()
}

void BorrowedThread::join()
{
    if (lost_) return;
    std::unique_lock lock(mutex_);
    entry_ = nullptr;
    changed_.wait(lock, [this] { return !inside_ || lost_; });
}

} // namespace asiowire
