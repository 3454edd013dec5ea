// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/child.hpp"
#include "hooks/runner/feed.hpp"
#include "hooks/runner/output_tail.hpp"
#include "hooks/runner/spec.hpp"

#include <expected>
#include <functional>
#include <memory>
#include <poll.h>
#include <string>
#include <vector>

namespace asiowire::hooks {

/// One life of a hook: a process, from its start to its end, and what it has said of itself.
/// [supervisor-thread]
class HookLife {
public:
    /// What a life tells while it lasts.
    struct Ears {
        std::function<void(const Message&)> result; // numbers, arrays, events
        std::function<void(const std::string&)> line; // printed
    };

    /// Errors   a sentence: others can write to the object, or the kernel refused
    static std::expected<std::unique_ptr<HookLife>, std::string>
    begin(const HookSpec& spec, const std::string& object, const Feed& feed, OutputTail& output);

    /// Listens and looks whether the hook keeps within its limits; bounded.
    void turn(const Ears& ears);
    void wait_for(std::vector<pollfd>& polls) const;

    bool has_loaded() const { return loaded_; }
    bool has_begun() const { return begun_; }
    bool has_ended() const { return ended_; }
    /// It heard the stream to its end.
    bool is_over() const { return over_; }
    /// Why it ended, for people; "" = well, or it has not ended.
    std::string failure() const;

    std::uint64_t feed() const { return feed_; }
    const Child& child() const { return *child_; }

    /// Asks it to leave; it is killed when it does not within the limit for one call.
    void dismiss();

private:
    HookLife(const HookSpec& spec, OutputTail& output) : spec_(spec), output_(output) {}
    void take(const Message& message, const Ears& ears);
    void end_for(std::string why);

    const HookSpec& spec_;
    OutputTail& output_;
    std::unique_ptr<Child> child_;
    std::uint64_t feed_ = 0;
    std::uint64_t dismissed_ns_ = 0; // when; 0: it is wanted
    bool loaded_ = false;
    bool begun_ = false;
    bool over_ = false;
    bool ended_ = false;
    std::string failure_; // what it said, or was ended for
    std::string epitaph_;
};

} // namespace asiowire::hooks
