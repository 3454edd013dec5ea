// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/ready/loop_analysis.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace asiowire {

/// Looks at takes on a thread of its own: a long sweep's transforms take longer than a call may.
///
/// [hook-thread]  every function
class LoopWorker {
public:
    /// What came of a take: one set of figures per input, or why there are none.
    struct Done {
        std::string output;
        std::vector<LoopFigures> inputs;
        std::string failure;
    };

    explicit LoopWorker(const LoopPlan& plan);
    /// Waits for the take in work and drops the others.
    ~LoopWorker();

    void give(std::unique_ptr<LoopTake> take);
    bool busy();
    /// Waits so long at most for something to be done.
    std::optional<Done> take(std::chrono::milliseconds patience);

private:
    void work();
    Done look(const LoopTake& take);

    const LoopPlan& plan_;
    std::optional<LoopAnalysis> analysis_; // [worker thread]
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::unique_ptr<LoopTake>> todo_;
    std::deque<Done> done_;
    std::size_t pending_ = 0; // takes whose figures nobody has
    bool ends_ = false;
    std::thread thread_; // last: it uses all of the above
};

} // namespace asiowire
