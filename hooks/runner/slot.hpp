// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/backoff.hpp"
#include "hooks/runner/compile.hpp"
#include "hooks/runner/file_watch.hpp"
#include "hooks/runner/hook_life.hpp"
#include "hooks/runner/log_book.hpp"
#include "hooks/runner/results.hpp"
#include "hooks/runner/take_results.hpp"

#include <future>
#include <optional>

namespace asiowire::hooks {

/// One hook, from being added to being removed: compiled, run, watched, ended, begun anew.
/// [supervisor-thread]
class Slot {
public:
    Slot(HookSpec spec, Workshop workshop, LogBook& book);

    const HookSpec& spec() const { return spec_; }
    const Results& results() const { return results_; }

    /// From now on what it publishes is written beside takes. Ownership  the scribe stays the caller's
    void write_along(Scribe& scribe) { along_ = std::make_unique<TakeResults>(spec_, scribe); }
    /// Does what is due; bounded.
    void turn(const Feed* feed);
    /// Asks its processes to leave, in place of any further turn.
    void retire();
    /// Whether nothing of it runs any more; to be asked again and again once it is retired.
    bool has_gone();
    /// What its next turn is to wait for.
    void wait_for(std::vector<pollfd>& polls) const;

    /// Whether it is clear that it can run (true) or cannot (false); none: not yet.
    std::optional<bool> settled(const Feed* feed) const;
    /// What the compiler remarked, or what stands in the way; "" = nothing.
    const std::string& message() const { return message_; }
    /// The number of the feed that it has heard to the end.
    std::uint64_t heard() const { return heard_; }
    std::uint64_t faults() const { return faults_; }
    const std::string& last_fault() const { return last_fault_; }

    std::string state() const;
    std::string as_json() const;
    std::string as_line() const;

private:
    void look_at_files();
    void begin_compiling();
    void finish_compiling();
    void take_object(std::string object);
    void turn_current(const Feed* feed);
    void turn_next(const Feed* feed);
    void turn_leaving();
    void dismiss(std::unique_ptr<HookLife>& life);
    void take(const Message& message);
    void fault(const std::string& why);

    HookSpec spec_;
    Workshop workshop_;
    LogBook& book_;
    HookLife::Ears ears_;
    Results results_;
    std::unique_ptr<TakeResults> along_; // null: nobody wants it
    OutputTail output_;
    Backoff backoff_;

    std::string object_;      // "" = there is none yet
    std::string next_object_; // of the version that is to take over; "" = none is
    FileWatch files_;
    std::uint64_t files_seen_ns_ = 0;
    const std::uint64_t born_ns_ = now_ns();
    std::future<std::expected<Compiled, std::string>> compiling_;

    std::unique_ptr<HookLife> current_;
    std::unique_ptr<HookLife> next_; // the new version, until it has begun
    std::vector<std::unique_ptr<HookLife>> leaving_;
    std::uint64_t heard_ = 0;
    std::uint64_t faults_ = 0;
    bool ever_loaded_ = false;
    bool told_of_names_ = false;
    std::string message_;
    std::string last_fault_;
};

} // namespace asiowire::hooks
