// SPDX-License-Identifier: MIT

#include "pipewire/graph_pin.hpp"

#include "pipewire/log.hpp"
#include "pipewire/process.hpp"
#include "wine/unix/signals.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <thread>
#include <unistd.h>
#include <vector>

namespace asiowire {

namespace {

std::string words(const Forced& forced)
{
    const auto number = [](std::uint32_t value, const char* unit) {
        return value == 0 ? std::string("free") : std::to_string(value) + unit;
    };
    return "quantum " + number(forced.quantum, "") + ", rate " + number(forced.rate, " Hz");
}

std::uint64_t next_engine()
{
    static std::atomic<std::uint64_t> engines{0};
    return ++engines;
}

/// The pins of this process, for its exit. Never destroyed: an exit may come at any time.
struct Living {
    std::mutex mutex;
    std::vector<GraphPin*> pins;
};

Living& living()
{
    static Living& all = *new Living;
    return all;
}

/// A host may exit without a word. What it holds is given back, if that can be done at once: its
/// threads may have been ended anywhere, with any lock held. Otherwise the next driver does it.
void give_back_at_exit()
{
    constexpr auto patience = std::chrono::milliseconds(500);
    std::unique_lock lock(living().mutex, std::try_to_lock);
    if (!lock.owns_lock()) return;
    for (GraphPin* pin : living().pins) {
        auto done = std::make_shared<std::promise<void>>();
        const std::future<void> given_back = done->get_future();
        const SignalsBlocked blocked; // for the thread born here
        std::thread([pin, done] {
            pin->release();
            done->set_value();
        }).detach();
        given_back.wait_for(patience);
    }
}

} // namespace

GraphPin::GraphPin(Connection& connection, const std::unique_ptr<Graph>& graph)
    : connection_(connection), graph_(graph), self_{.pid = getpid(),
                                                    .started = start_time_of(getpid()),
                                                    .engine = next_engine()}
{
    auto ledger = PinLedger::open(connection_.daemon_cookie(), false);
    if (!ledger || ledger->record.empty()) return;
    const LoopLock lock(connection_.loop());
    const Forced now = forced_now();
    const Forced next = ledger->record.leave(self_, now);
    if (next != now && set(next))
        log(LogLevel::info,
            "a driver that was killed had pinned the graph; given back: " + words(next));
    static_cast<void>(ledger->save());
}

GraphPin::~GraphPin()
{
    {
        const std::lock_guard guard(living().mutex);
        std::erase(living().pins, this);
    }
    release();
}

void GraphPin::hold(const Forced& wish)
{
    const std::lock_guard guard(mutex_);
    if (wish == asked_ && connection_.daemon_cookie() == daemon_) return;
    asked_ = wish;
    daemon_ = connection_.daemon_cookie();
    auto ledger = PinLedger::open(daemon_, true);
    if (!ledger) {
        log(LogLevel::warning, "the graph is not pinned: no note of what stood there can be kept "
                               "(XDG_RUNTIME_DIR)");
        return;
    }
    const LoopLock lock(connection_.loop());
    if (!connection_.round_trip() || !graph_) return; // no daemon, no graph to pin
    PinOwner owner = self_;
    owner.wish = wish;
    ledger->record.enter(owner, forced_now());
    // The note first: a process that is killed in between has changed nothing.
    if (ledger->save() != Status::ok) {
        log(LogLevel::warning, "the graph is not pinned: no note of what stood there can be kept");
        return;
    }
    if (held_ == Forced{}) {
        static std::once_flag registered;
        std::call_once(registered, [] { std::atexit(give_back_at_exit); });
        const std::lock_guard living_guard(living().mutex);
        std::erase(living().pins, this);
        living().pins.push_back(this);
    }
    held_ = wish;
    graph_->disregard(wish, ledger->record.before);
    if (set(wish))
        log(LogLevel::info, "the whole graph is pinned: " + words(wish) +
                                " (before: " + words(ledger->record.before) + ")");
    else
        log(LogLevel::warning, "the graph is not pinned: the daemon does not let us write its "
                               "settings");
}

void GraphPin::release()
{
    const std::lock_guard guard(mutex_);
    asked_ = {};
    if (held_ == Forced{}) return;
    auto ledger = PinLedger::open(connection_.daemon_cookie(), true);
    const LoopLock lock(connection_.loop());
    held_ = {};
    // Without a daemon there is nothing to give back, or the next driver does it.
    if (!ledger || connection_.lost() || !graph_) return;
    const Forced now = forced_now();
    const Forced next = ledger->record.leave(self_, now);
    if (next != now) set(next);
    graph_->disregard({}, {});
    static_cast<void>(ledger->save());
    log(LogLevel::info, "the pin is given back: " + words(next));
}

Forced GraphPin::held() const
{
    const std::lock_guard guard(mutex_);
    return held_;
}

/// The ledger is locked: another driver's change has reached the daemon, and with this us.
Forced GraphPin::forced_now()
{
    connection_.round_trip();
    return graph_->forced();
}

/// False: the daemon did not take it.
bool GraphPin::set(const Forced& wish)
{
    const Forced now = graph_->forced();
    if (now.quantum != wish.quantum)
        graph_->write_setting("clock.force-quantum", std::to_string(wish.quantum));
    if (now.rate != wish.rate)
        graph_->write_setting("clock.force-rate", std::to_string(wish.rate));
    connection_.round_trip();
    return graph_->forced() == wish;
}

} // namespace asiowire
