// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include "instance.hpp"

// Hosts and the driver's notifications. What makes the driver notify comes from outside: the test
// changes the graph, or ends its daemon, when it reads "ready to be notified" on stderr.

namespace asiohost {
namespace {

constexpr int kNotifiedWithinMs = 8'000;
constexpr int kBackWithinMs = 8'000; // a daemon that was restarted needs its time

bool is_notification(std::int32_t selector)
{
    return selector == asio::kAsioResetRequest || selector == asio::kAsioLatenciesChanged;
}

/// A host that runs and waits for the first reset request or change of latency.
class Notified {
public:
    explicit Notified(const DriverEntry& entry) : entry_(entry) {}

    /// Opens and runs; `serve` is called inside the first notification.
    Result<void> run(std::function<void(Instance&)> serve)
    {
        auto opened = Instance::open(entry_);
        if (!opened) return std::unexpected(opened.error());
        instance_ = std::move(*opened);
        instance_->on_message = [this, serve = std::move(serve)](std::int32_t selector, int) {
            if (!is_notification(selector) || served_.exchange(true)) return 1;
            say(format("notified with asioMessage(%d)", static_cast<int>(selector)));
            serve(*instance_);
            done_ = true;
            say("served");
            return 1;
        };
        if (auto run = instance_->run(256); !run) return run;
        if (auto came = instance_->wait(20); !came) return came;
        say("ready to be notified");
        return {};
    }

    /// Waits until the notification was served.
    Result<void> wait_until_served()
    {
        for (int ms = 0; ms < kNotifiedWithinMs; ms += 5) {
            if (done_) return {};
            Sleep(5);
        }
        return failure(ExitCode::audio_wrong, served_ ? "The notification is still being served."
                                                      : "No notification came.");
    }

    Instance& instance() { return *instance_; }
    void close() { instance_.reset(); }

private:
    const DriverEntry& entry_;
    std::unique_ptr<Instance> instance_;
    std::atomic<bool> served_{false};
    std::atomic<bool> done_{false};
};

void expect_good_messages(const Instance& instance, Verdict& verdict)
{
    for (const auto& bad : instance.bad_messages())
        verdict.expect(false, bad);
    verdict.expect(true, "messages were looked at");
}

/// A new object runs, as soon as there is a daemon again.
void expect_new_one(const DriverEntry& entry, Verdict& verdict)
{
    std::string why;
    for (int ms = 0; ms < kBackWithinMs; ms += 200) {
        auto opened = Instance::open(entry);
        auto done = opened ? (*opened)->run(256) : std::unexpected(opened.error());
        if (done) done = (*opened)->wait(20);
        if (done) return verdict.expect(true, "a new object runs");
        why = done.error().sentence;
        Sleep(200);
    }
    verdict.expect(false, "a new object does not run: " + why);
}

/// stop, dispose, create, start, as they come; what they may answer when the daemon is gone is
/// anything.
void rebuild(Instance& instance)
{
    const auto tell = [](const char* call, std::int32_t code) {
        say(format("%s: %s", call, error_name(code).c_str()));
        return code;
    };
    tell("stop", instance.stop());
    tell("disposeBuffers", instance.dispose());
    if (tell("createBuffers", instance.create({0, 1}, {0, 1}, 512)) == asio::ASE_OK)
        tell("start", instance.start());
}

/// After a rebuild: the same object runs, or can be replaced where its daemon is gone.
void expect_rebuilt(const DriverEntry& entry, Notified& host, Verdict& verdict)
{
    const bool same_graph = host.instance().count_of(asio::kAsioResetRequest) == 0;
    if (same_graph) {
        const auto came = host.instance().wait(20);
        verdict.expect(came.has_value(), "the rebuilt object gives no blocks");
    }
    expect_good_messages(host.instance(), verdict);
    host.close();
    expect_new_one(entry, verdict);
}

} // namespace

Result<void> fault_notify_ignored(const DriverEntry& entry, const Options&)
{
    Notified host(entry);
    Verdict verdict;
    if (auto run = host.run([](Instance&) {}); !run) return run;
    if (auto served = host.wait_until_served(); !served) return served;
    Sleep(1'000); // a driver that insisted would do it now
    verdict.expect(host.instance().count_of(asio::kAsioResetRequest) <= 3, "the driver insists");
    verdict.expect_code("stop", host.instance().stop(), {asio::ASE_OK, asio::ASE_InvalidMode});
    expect_good_messages(host.instance(), verdict);
    host.close();
    expect_new_one(entry, verdict);
    return verdict.result();
}

Result<void> fault_notify_rebuild(const DriverEntry& entry, const Options&)
{
    Notified host(entry);
    Verdict verdict;
    if (auto run = host.run(rebuild); !run) return run;
    if (auto served = host.wait_until_served(); !served) return served;
    expect_rebuilt(entry, host, verdict);
    return verdict.result();
}

Result<void> fault_notify_release(const DriverEntry& entry, const Options&)
{
    Notified host(entry);
    std::unique_ptr<Instance> successor;
    Verdict verdict;
    const auto serve = [&](Instance& instance) {
        instance.stop();
        instance.dispose();
        instance.release(); // the last reference, while the object is calling us
        auto opened = Instance::open(entry);
        if (!opened) return say(opened.error().sentence); // no daemon: later, then
        successor = std::move(*opened);
        if (auto run = successor->run(512); !run) say(run.error().sentence);
    };
    if (auto run = host.run(serve); !run) return run;
    if (auto served = host.wait_until_served(); !served) return served;
    if (successor != nullptr && host.instance().count_of(asio::kAsioResetRequest) == 0)
        verdict.expect(successor->wait(20).has_value(), "the successor gives no blocks");
    expect_good_messages(host.instance(), verdict);
    successor.reset();
    host.close();
    expect_new_one(entry, verdict);
    return verdict.result();
}

Result<void> fault_notify_new_thread(const DriverEntry& entry, const Options&)
{
    Notified host(entry);
    std::unique_ptr<Beside> closer;
    std::atomic<bool> rebuilt{false};
    Verdict verdict;
    const auto serve = [&](Instance& instance) {
        closer = std::make_unique<Beside>([&] {
            rebuild(instance);
            rebuilt = true;
        });
    };
    if (auto run = host.run(serve); !run) return run;
    if (auto served = host.wait_until_served(); !served) return served;
    verdict.expect(closer->join(10'000) && rebuilt, "the new thread does not come back");
    expect_rebuilt(entry, host, verdict);
    return verdict.result();
}

Result<void> fault_notify_slow(const DriverEntry& entry, const Options&)
{
    Notified host(entry);
    std::atomic<bool> inside{false};
    Verdict verdict;
    const auto serve = [&](Instance&) {
        inside = true;
        Sleep(2'000);
        inside = false;
    };
    if (auto run = host.run(serve); !run) return run;
    for (int ms = 0; ms < kNotifiedWithinMs && !inside; ms += 5)
        Sleep(5);
    verdict.expect(inside, "no notification came");
    // While one thread sits in asioMessage, another closes everything.
    verdict.expect_code("stop", host.instance().stop(), {asio::ASE_OK, asio::ASE_InvalidMode});
    verdict.expect_code("disposeBuffers", host.instance().dispose(), {asio::ASE_OK});
    expect_good_messages(host.instance(), verdict);
    host.instance().release();
    for (int ms = 0; ms < 3'000 && inside; ms += 5)
        Sleep(5);
    verdict.expect(!inside, "the message handler never came back");
    Sleep(100); // whoever called it has left it
    expect_new_one(entry, verdict);
    return verdict.result();
}

Result<void> fault_notify_deaf(const DriverEntry& entry, const Options&)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    instance.listens_to.clear();
    Verdict verdict;
    if (auto run = instance.run(256); !run) return run;
    if (auto came = instance.wait(20); !came) return came;
    say("ready to be notified");
    Sleep(2'000);
    for (const Message& message : instance.messages())
        say(format("asioMessage(%d, %d)", static_cast<int>(message.selector),
                   static_cast<int>(message.value)));
    expect_good_messages(instance, verdict); // nothing but questions
    verdict.expect_code("stop", instance.stop(), {asio::ASE_OK, asio::ASE_InvalidMode});
    return verdict.result();
}

} // namespace asiohost
