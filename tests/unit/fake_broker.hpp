// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef ASIOWIRE_DBUS
#include <dbus/dbus.h>
#endif

/// A private bus with RealtimeKit and the Realtime portal on it, in processes of their own, where
/// this process finds them for as long as the object lives.
class FakeBroker {
public:
    /// What the last request said.
    struct Asked {
        int count = 0;
        std::uint64_t process = 0;
        std::uint64_t thread = 0;
        std::uint32_t priority = 0;
        std::uint64_t sender = 0; // the process that the bus saw
        char interface[64] = {};
    };

#ifndef ASIOWIRE_DBUS
    static bool possible()
    {
        return false;
    }
    explicit FakeBroker(bool) {}
    Asked asked() const
    {
        return {};
    }
#else
    static bool possible()
    {
        return std::system("command -v dbus-daemon >/dev/null 2>&1") == 0;
    }

    explicit FakeBroker(bool refuses)
    {
        void* const memory =
            mmap(nullptr, sizeof(Asked), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        shared_ = new (memory) Asked;
        int ends[2];
        if (pipe(ends) != 0) return;
        bus_ = fork();
        if (bus_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            dup2(ends[1], 1);
            // It complains of what it may not do to its own limits.
            dup2(open("/dev/null", O_WRONLY), 2);
            execlp("dbus-daemon", "dbus-daemon", "--session", "--nofork", "--print-address",
                   "--address=unix:tmpdir=/tmp", nullptr);
            _exit(127);
        }
        std::array<char, 512> line{};
        ssize_t bytes = read(ends[0], line.data(), line.size() - 1);
        while (bytes > 0 && line[static_cast<std::size_t>(bytes) - 1] == '\n')
            line[static_cast<std::size_t>(--bytes)] = 0;
        setenv("DBUS_SYSTEM_BUS_ADDRESS", line.data(), 1);
        setenv("DBUS_SESSION_BUS_ADDRESS", line.data(), 1);
        service_ = fork();
        if (service_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            serve(ends[1], refuses);
            _exit(0);
        }
        char ready = 0;
        if (read(ends[0], &ready, 1) != 1) std::fprintf(stderr, "the broker does not come up\n");
        close(ends[0]);
        close(ends[1]);
    }
    ~FakeBroker()
    {
        for (const pid_t process : {service_, bus_}) {
            if (process <= 0) continue;
            kill(process, SIGKILL);
            waitpid(process, nullptr, 0);
        }
    }
    FakeBroker(const FakeBroker&) = delete;
    FakeBroker& operator=(const FakeBroker&) = delete;

    Asked asked() const
    {
        return *shared_;
    }

private:
    void serve(int ready, bool refuses)
    {
        DBusConnection* const bus = dbus_bus_get_private(DBUS_BUS_SYSTEM, nullptr);
        if (bus == nullptr) return;
        dbus_bus_request_name(bus, "org.freedesktop.RealtimeKit1", 0, nullptr);
        dbus_bus_request_name(bus, "org.freedesktop.portal.Desktop", 0, nullptr);
        if (write(ready, "r", 1) != 1) return;
        while (dbus_connection_read_write(bus, -1))
            while (DBusMessage* const message = dbus_connection_pop_message(bus)) {
                DBusMessage* const reply = answer(bus, message, refuses);
                if (reply != nullptr) dbus_connection_send(bus, reply, nullptr);
                dbus_connection_flush(bus);
                if (reply != nullptr) dbus_message_unref(reply);
                dbus_message_unref(message);
            }
    }

    DBusMessage* answer(DBusConnection* bus, DBusMessage* message, bool refuses)
    {
        const char* interface = nullptr;
        const char* name = nullptr;
        if (dbus_message_is_method_call(message, "org.freedesktop.DBus.Properties", "Get") &&
            dbus_message_get_args(message, nullptr, DBUS_TYPE_STRING, &interface, DBUS_TYPE_STRING,
                                  &name, DBUS_TYPE_INVALID)) {
            DBusMessage* const reply = dbus_message_new_method_return(message);
            DBusMessageIter outer;
            DBusMessageIter value;
            dbus_message_iter_init_append(reply, &outer);
            const bool time = std::strcmp(name, "RTTimeUSecMax") == 0;
            const dbus_int64_t microseconds = 200'000;
            const dbus_int32_t priority = 20;
            dbus_message_iter_open_container(&outer, DBUS_TYPE_VARIANT, time ? "x" : "i", &value);
            dbus_message_iter_append_basic(&value, time ? DBUS_TYPE_INT64 : DBUS_TYPE_INT32,
                                           time ? static_cast<const void*>(&microseconds)
                                                : &priority);
            dbus_message_iter_close_container(&outer, &value);
            return reply;
        }
        if (dbus_message_has_member(message, "MakeThreadRealtimeWithPID")) {
            Asked now = *shared_;
            now.count++;
            if (!dbus_message_get_args(message, nullptr, DBUS_TYPE_UINT64, &now.process,
                                       DBUS_TYPE_UINT64, &now.thread, DBUS_TYPE_UINT32,
                                       &now.priority, DBUS_TYPE_INVALID))
                refuses = true;
            now.sender = process_of(bus, dbus_message_get_sender(message));
            std::snprintf(now.interface, sizeof now.interface, "%s",
                          dbus_message_get_interface(message));
            *shared_ = now;
            return refuses ? dbus_message_new_error(message, DBUS_ERROR_ACCESS_DENIED, "no")
                           : dbus_message_new_method_return(message);
        }
        return nullptr;
    }

    static std::uint32_t process_of(DBusConnection* bus, const char* sender)
    {
        DBusMessage* const question = dbus_message_new_method_call(
            DBUS_SERVICE_DBUS, DBUS_PATH_DBUS, DBUS_INTERFACE_DBUS, "GetConnectionUnixProcessID");
        dbus_message_append_args(question, DBUS_TYPE_STRING, &sender, DBUS_TYPE_INVALID);
        DBusMessage* const reply =
            dbus_connection_send_with_reply_and_block(bus, question, 1000, nullptr);
        dbus_message_unref(question);
        dbus_uint32_t process = 0;
        if (reply == nullptr) return 0;
        dbus_message_get_args(reply, nullptr, DBUS_TYPE_UINT32, &process, DBUS_TYPE_INVALID);
        dbus_message_unref(reply);
        return process;
    }

    Asked* shared_ = nullptr;
    pid_t bus_ = -1;
    pid_t service_ = -1;
#endif
};
