// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/client.hpp"
#include "hooks/runner/remembered.hpp"
#include "hooks/runner/slot.hpp"

#include <functional>
#include <memory>

namespace asiowire::hooks {

/// Where a runner finds and leaves things.
struct Places {
    std::string folder; // of the socket: for this user alone, made when it is not there
    std::string ready;  // ready-made hooks
    Workshop workshop;
    std::string remembered; // file of the hooks that were added; "" = none are kept
};

/// The runner: keeps hooks running and answers questions. It never touches a hook's code and never
/// waits for one.
/// [supervisor-thread]
class Supervisor {
public:
    /// Errors   a sentence: there is a runner already, or no place for its socket
    static std::expected<std::unique_ptr<Supervisor>, std::string> open(Places places);

    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// As `asiowire hooks add`. Errors   a sentence
    std::expected<std::string, std::string> add(const std::vector<std::string>& words);

    /// Begins the hooks that an earlier runner was given. What cannot be begun stays remembered.
    /// Returns sentences about those; they are in the log, too.
    std::vector<std::string> recall();

    /// Runs until it is asked to stop, or `end` (a descriptor) can be read. `feed` is asked five
    /// times a second where audio comes from at present, and told whether anybody wants it; null = nowhere.
    void run(const std::function<const Feed*(bool wanted)>& feed, int end);

private:
    explicit Supervisor(Places places)
        : places_(std::move(places)), remembered_(places_.remembered)
    {}

    void wait(int end, bool& ended);
    void accept_clients();
    void serve(Client& client);
    void command(Client& client, const std::vector<std::string>& words);
    void answer_added(Client& client);
    void answer_removed(Client& client, const std::string& name);
    bool remove(const std::string& name);
    Slot* find(std::string_view name);
    std::string list(bool json) const;
    std::string values(bool json) const;
    std::string log(bool json) const;

    Places places_;
    const Remembered remembered_;
    Fd lock_;
    Fd socket_;
    LogBook book_;
    Scribe scribe_; // outlives the slots
    std::vector<std::unique_ptr<Slot>> slots_;
    std::vector<std::unique_ptr<Slot>> retired_; // removed; they may still have something to say
    std::vector<std::unique_ptr<Client>> clients_;
    const Feed* feed_ = nullptr;
    bool stopped_ = false;
};

} // namespace asiowire::hooks
