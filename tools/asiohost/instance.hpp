// SPDX-License-Identifier: MIT
#pragma once

#include "driver_list.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "watchdog.hpp"

namespace asiohost {

/// One message of the driver, as it came.
struct Message {
    std::int32_t selector = 0;
    std::int32_t value = 0;
    DWORD thread = 0;
};

/// A driver object with callbacks of its own, for hosts that play nothing but behave oddly: several
/// at once, from any thread, each call's code handed on as it is.
///
/// A Session tests the audio of one driver; an Instance tests the driver's manners.
class Instance {
public:
    static constexpr int kMost = 4; // at once: ASIO's callbacks carry no pointer, so each has slots
    using BlockHook = std::function<void(const asio::Time* time, int half)>;
    using MessageHook = std::function<std::int32_t(std::int32_t selector, std::int32_t value)>;

    /// Takes over an object that may or may not be initialised.
    ///
    /// [any thread]
    explicit Instance(asio::IAsio* object);
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    /// Stops, disposes and releases what is left.
    ~Instance();

    /// CoCreateInstance and init, as most hosts do.
    ///
    /// [any thread, COM initialised]
    static Result<std::unique_ptr<Instance>> open(const DriverEntry& entry);

    /// Runs one watched driver call and hands its result on.
    ///
    /// [any thread]
    template <class Call> auto call(const char* name, Call action)
    {
        const WatchedCall watched(name);
        return action(*object_);
    }

    /// createBuffers for these channels; 0 frames: what the driver prefers.
    ///
    /// [one thread at a time]
    std::int32_t create(const std::vector<int>& inputs, const std::vector<int>& outputs,
                        int frames = 0);
    std::int32_t start();
    std::int32_t stop();
    std::int32_t dispose();

    /// Releases once; the object is not touched afterwards.
    void release();

    /// Gives the object out of hand: somebody else releases it.
    asio::IAsio* abandon();

    /// Makes 2 + 2 channels and starts.
    ///
    /// [one thread at a time]
    /// Errors   refused, with the call and its code
    Result<void> run(int frames = 0);

    /// Waits until `count` more blocks came.
    ///
    /// [any thread & running]
    /// Errors   no_callbacks after `patience_ms`
    Result<void> wait(std::int64_t count, unsigned patience_ms = 3'000);

    /// getErrorMessage, cut to the 124 bytes it may have.
    std::string error();

    asio::IAsio* object() const { return object_; }
    std::int64_t blocks() const { return blocks_.load(std::memory_order_acquire); }
    int block() const { return block_; }
    DWORD audio_thread() const { return audio_thread_; }
    std::span<const asio::BufferInfo> buffers() const { return buffers_; }
    const asio::Callbacks& callbacks() const { return callbacks_; }

    /// The messages so far, those that only ask what the host supports included.
    std::vector<Message> messages() const;

    /// How often a selector came, as a message and not as a question.
    int count_of(std::int32_t selector) const;

    /// Everything unseemly about the messages so far: sent on the audio thread, or unasked for.
    std::vector<std::string> bad_messages() const;

    // Set before start().
    BlockHook on_block;
    MessageHook on_message;               // called for messages, not for questions
    std::vector<std::int32_t> listens_to; // what kAsioSelectorSupported is answered with 1 for
    bool time_info = true;

private:
    template <int> friend struct Slot;
    void block_came(const asio::Time* time, int half);
    std::int32_t message_came(std::int32_t selector, std::int32_t value);
    bool listens(std::int32_t selector) const;

    asio::IAsio* object_;
    int slot_ = -1;
    asio::Callbacks callbacks_{};
    std::vector<asio::BufferInfo> buffers_;
    int block_ = 0;
    bool running_ = false;
    bool prepared_ = false;
    std::atomic<std::int64_t> blocks_{0};
    std::atomic<DWORD> audio_thread_{0};
    std::array<Message, 256> messages_{};
    std::atomic<int> message_count_{0};
};

/// Gathers what a fault expected: every broken expectation is said at once, and all are judged at
/// the end.
class Verdict {
public:
    /// [any thread]
    void expect(bool good, const std::string& sentence);

    /// Expects one of these codes of a call.
    ///
    /// [any thread]
    void expect_code(const char* call, std::int32_t code, std::initializer_list<std::int32_t> good);

    /// Errors   audio_wrong with the first broken expectation
    Result<void> result() const;

private:
    std::atomic<int> wrong_{0};
    std::atomic<int> held_{0};
};

/// Runs a function on a thread of its own and waits for it; the thread has no COM of its own.
///
/// [any thread]
void on_thread(const std::function<void()>& work);

/// A thread that runs beside; joined at the end of its life.
class Beside {
public:
    explicit Beside(std::function<void()> work);
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;
    ~Beside() { join(); }

    /// Waits for it; false when it does not end within `patience_ms`.
    bool join(DWORD patience_ms = INFINITE);

private:
    std::function<void()> work_;
    HANDLE thread_;
};

} // namespace asiohost
