// SPDX-License-Identifier: MIT
#include "hooks/ready/loop_worker.hpp"

#include <new>

namespace asiowire {

LoopWorker::LoopWorker(const LoopPlan& plan) : plan_(plan), thread_([this] { work(); }) {}

LoopWorker::~LoopWorker()
{
    {
        const std::lock_guard lock(mutex_);
        ends_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void LoopWorker::give(std::unique_ptr<LoopTake> take)
{
    {
        const std::lock_guard lock(mutex_);
        todo_.push_back(std::move(take));
        pending_++;
    }
    changed_.notify_all();
}

bool LoopWorker::busy()
{
    const std::lock_guard lock(mutex_);
    return pending_ > 0;
}

std::optional<LoopWorker::Done> LoopWorker::take(std::chrono::milliseconds patience)
{
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [this] { return !done_.empty(); })) return std::nullopt;
    Done done = std::move(done_.front());
    done_.pop_front();
    pending_--;
    return done;
}

void LoopWorker::work()
{
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ends_ || !todo_.empty(); });
        if (ends_) return;
        const std::unique_ptr<LoopTake> take = std::move(todo_.front());
        todo_.pop_front();
        lock.unlock();
        Done done = look(*take);
        lock.lock();
        done_.push_back(std::move(done));
        changed_.notify_all();
    }
}

LoopWorker::Done LoopWorker::look(const LoopTake& take)
{
    Done done;
    done.output = take.output;
    try {
        if (!analysis_) analysis_.emplace(plan_);
        for (const LoopRecord& input : take.inputs)
            done.inputs.push_back(analysis_->look(take, input));
    } catch (const std::bad_alloc&) {
        done.failure = take.output + ": not enough memory for a sweep of this length; nothing was "
                                     "measured. Add the hook with a larger limit.mb=";
    }
    return done;
}

} // namespace asiowire
