// SPDX-License-Identifier: MIT

#include "pipewire/connection.hpp"

#include "wine/unix/signals.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <unistd.h>

namespace asiowire {

namespace {

constexpr auto patience = std::chrono::milliseconds(3000); // with the daemon's answer
constexpr auto moment = std::chrono::milliseconds(100);    // for a daemon that owes one already

pw_properties* context_properties()
{
    // client.conf without module-rt: it would put a CPU-time limit on the whole host process and
    // cannot promote a thread it did not make. loop.cancel: our thread is never cancelled.
    return pw_properties_new(PW_KEY_CONFIG_NAME, "client.conf", "module.rt", "false", "loop.cancel",
                             "false", nullptr);
}

} // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& program, std::string& why)
{
    static std::once_flag initialised;
    std::call_once(initialised, [] { pw_init(nullptr, nullptr); });

    std::unique_ptr<Connection> connection(new Connection(program));
    Connection& self = *connection;
    {
        const SignalsBlocked blocked; // for the threads born here
        self.loop_.reset(pw_thread_loop_new("asiowire-main", nullptr));
        if (!self.loop_) return std::unexpected(Status::no_memory);
        self.context_.reset(
            pw_context_new(pw_thread_loop_get_loop(self.loop_.get()), context_properties(), 0));
        if (!self.context_) {
            why = "PipeWire's client configuration (client.conf) cannot be loaded";
            return std::unexpected(Status::system_error);
        }
        pw_data_loop* const data_loop = pw_context_get_data_loop(self.context_.get());
        self.audio_thread_.emplace(data_loop);
        self.fallback_clock_.emplace(pw_data_loop_get_loop(data_loop));
        if (pw_thread_loop_start(self.loop_.get()) < 0)
            return std::unexpected(Status::system_error);
    }

    const LoopLock lock(self.loop());
    if (const Status status = self.connect(why); status != Status::ok) return std::unexpected(status);
    return connection;
}

Status Connection::connect(std::string& why)
{
    core_.reset(pw_context_connect(
        context_.get(),
        pw_properties_new(PW_KEY_APP_NAME, program_.c_str(), PW_KEY_APP_ID, "asiowire", nullptr),
        0));
    if (!core_) {
        why = std::string("no PipeWire daemon answers (") + std::strerror(errno) + ")";
        return Status::no_daemon;
    }
    lost_ = false;
    answered_ = overdue_ = -1; // numbers begin anew
    static const pw_core_events events = {
        .version = PW_VERSION_CORE_EVENTS,
        .info =
            [](void* data, const pw_core_info* info) {
                static_cast<Connection*>(data)->daemon_cookie_ = info->cookie;
            },
        .done =
            [](void* data, std::uint32_t id, int sequence) {
                auto* connected = static_cast<Connection*>(data);
                if (id != PW_ID_CORE) return;
                connected->answered_ = sequence;
                pw_thread_loop_signal(connected->loop(), false);
            },
        .error =
            [](void* data, std::uint32_t id, int, int result, const char*) {
                auto* connected = static_cast<Connection*>(data);
                if (id != PW_ID_CORE || result != -EPIPE) return;
                connected->lost_ = true;
                pw_thread_loop_signal(connected->loop(), false);
                if (connected->on_lost_) connected->on_lost_();
            },
    };
    pw_core_add_listener(core(), core_hook_.get(), &events, this);
    if (round_trip()) return Status::ok;
    why = "the PipeWire daemon does not answer";
    lost_ = true;
    return Status::no_daemon;
}

Status Connection::reconnect(std::string& why)
{
    core_hook_.remove();
    core_.reset();
    return connect(why);
}

Connection::~Connection()
{
    if (loop_) {
        // The core and its proxies go while the loop still runs, the rest once it stands still.
        const LoopLock lock(loop());
        core_hook_.remove();
        core_.reset();
    }
    if (loop_) pw_thread_loop_stop(loop());
    audio_thread_.reset();
    fallback_clock_.reset();
    context_.reset();
}

bool Connection::round_trip()
{
    if (lost_) return false;
    const bool owes = answered_ < overdue_; // what opens or ends us asks several times in a row
    const auto deadline = std::chrono::steady_clock::now() + (owes ? moment : patience);
    pending_ = pw_core_sync(core(), PW_ID_CORE, 0);
    while (answered_ < pending_ && !lost_) { // others ask, too: see Links
        if (hurried_) return false;
        if (std::chrono::steady_clock::now() > deadline) {
            overdue_ = pending_;
            return false;
        }
        timespec until{};
        pw_thread_loop_get_time(loop(), &until, SPA_NSEC_PER_MSEC * 50);
        pw_thread_loop_timed_wait_full(loop(), &until);
    }
    return !lost_;
}

void Connection::abandon(const std::function<void()>& silence)
{
    audio_thread_->lost();
    const LoopLock lock(loop());
    silence();
    on_lost_ = nullptr;
    core_hook_.remove();
    if (lost_ || !core_) return;
    const int socket = pw_core_steal_fd(core());
    if (socket >= 0) close(socket);
}

} // namespace asiowire
