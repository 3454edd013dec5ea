// SPDX-License-Identifier: MIT

#include "pipewire/broker.hpp"

#ifdef ASIOWIRE_DBUS

#include "wine/unix/signals.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <dbus/dbus.h>
#include <future>
#include <memory>
#include <optional>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace asiowire {

namespace {

constexpr int answer_ms = 400;

/// Where a broker is. Both speak the same dialect.
struct Address {
    DBusBusType bus;
    const char* service;
    const char* path;
    const char* interface;
};

constexpr Address address_of(Broker broker)
{
    return broker == Broker::portal
               ? Address{DBUS_BUS_SESSION, "org.freedesktop.portal.Desktop",
                         "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Realtime"}
               : Address{DBUS_BUS_SYSTEM, "org.freedesktop.RealtimeKit1",
                         "/org/freedesktop/RealtimeKit1", "org.freedesktop.RealtimeKit1"};
}

struct Unreference {
    void operator()(DBusMessage* message) const { dbus_message_unref(message); }
    void operator()(DBusConnection* connection) const
    {
        dbus_connection_close(connection);
        dbus_connection_unref(connection);
    }
};
using Message = std::unique_ptr<DBusMessage, Unreference>;
using Bus = std::unique_ptr<DBusConnection, Unreference>;

Message call(const Bus& bus, const Message& message)
{
    if (!message) return nullptr;
    return Message(
        dbus_connection_send_with_reply_and_block(bus.get(), message.get(), answer_ms, nullptr));
}

/// A property of the broker, an integer of whatever width.
std::optional<std::int64_t> property(const Bus& bus, const Address& to, const char* name)
{
    const Message question(dbus_message_new_method_call(to.service, to.path,
                                                        "org.freedesktop.DBus.Properties", "Get"));
    if (!question || !dbus_message_append_args(question.get(), DBUS_TYPE_STRING, &to.interface,
                                               DBUS_TYPE_STRING, &name, DBUS_TYPE_INVALID))
        return std::nullopt;
    const Message answer = call(bus, question);
    DBusMessageIter outer;
    if (!answer || !dbus_message_iter_init(answer.get(), &outer) ||
        dbus_message_iter_get_arg_type(&outer) != DBUS_TYPE_VARIANT)
        return std::nullopt;
    DBusMessageIter value;
    dbus_message_iter_recurse(&outer, &value);
    DBusBasicValue basic{};
    switch (dbus_message_iter_get_arg_type(&value)) {
    case DBUS_TYPE_INT32:
        dbus_message_iter_get_basic(&value, &basic);
        return basic.i32;
    case DBUS_TYPE_INT64:
        dbus_message_iter_get_basic(&value, &basic);
        return basic.i64;
    default:
        return std::nullopt;
    }
}

bool limit_cpu_time(std::int64_t microseconds)
{
    rlimit now{};
    if (microseconds <= 0 || getrlimit(RLIMIT_RTTIME, &now) != 0) return false;
    const auto most = static_cast<rlim_t>(microseconds);
    if (now.rlim_max <= most) return true;
    if (now.rlim_cur != RLIM_INFINITY || now.rlim_max != RLIM_INFINITY)
        return true; // somebody's own
    now.rlim_cur = now.rlim_max = most;
    return setrlimit(RLIMIT_RTTIME, &now) == 0;
}

Result<int> converse(Broker broker, pid_t thread, int priority)
{
    const Address to = address_of(broker);
    dbus_threads_init_default();
    const Bus bus(dbus_bus_get_private(to.bus, nullptr));
    if (!bus) return std::unexpected(Status::system_error);
    dbus_connection_set_exit_on_disconnect(bus.get(), FALSE);
    const auto most = property(bus, to, "MaxRealtimePriority");
    const auto time = property(bus, to, "RTTimeUSecMax");
    if (!most || *most <= 0 || !time || !limit_cpu_time(*time))
        return std::unexpected(Status::system_error);
    const Message request(dbus_message_new_method_call(to.service, to.path, to.interface,
                                                       "MakeThreadRealtimeWithPID"));
    const dbus_uint64_t process = static_cast<dbus_uint64_t>(getpid());
    const dbus_uint64_t id = static_cast<dbus_uint64_t>(thread);
    const auto given = static_cast<dbus_uint32_t>(std::min<std::int64_t>(priority, *most));
    if (!request ||
        !dbus_message_append_args(request.get(), DBUS_TYPE_UINT64, &process, DBUS_TYPE_UINT64, &id,
                                  DBUS_TYPE_UINT32, &given, DBUS_TYPE_INVALID))
        return std::unexpected(Status::no_memory);
    if (!call(bus, request)) return std::unexpected(Status::system_error);
    return static_cast<int>(given);
}

} // namespace

Result<int> ask_broker(Broker broker, pid_t thread, int priority)
{
    // A bus that accepts and says nothing would hold its caller for ever; and both brokers together
    // may take less than the two seconds that the graph's loop waits for its thread.
    constexpr auto patience = std::chrono::milliseconds(700);
    auto answer = std::make_shared<std::promise<Result<int>>>();
    std::future<Result<int>> answered = answer->get_future();
    {
        const SignalsBlocked blocked; // for the thread born here
        std::thread([broker, thread, priority, answer] {
            answer->set_value(converse(broker, thread, priority));
        }).detach();
    }
    if (answered.wait_for(patience) != std::future_status::ready)
        return std::unexpected(Status::system_error);
    return answered.get();
}

} // namespace asiowire

#else

namespace asiowire {

Result<int> ask_broker(Broker, pid_t, int)
{
    return std::unexpected(Status::unsupported);
}

} // namespace asiowire

#endif
