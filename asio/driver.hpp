// SPDX-License-Identifier: MIT
#pragma once

#include "asio/asio_abi.hpp"
#include "asio/session.hpp"
#include "core/status.hpp"
#include "wine/pe/threads.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <windows.h>

namespace asiowire {

class Events;

/// {097FCC47-2791-46BD-84F5-89C8359C8DD4}
inline constexpr CLSID driver_clsid = {
    0x097fcc47, 0x2791, 0x46bd, {0x84, 0xf5, 0x89, 0xc8, 0x35, 0x9c, 0x8d, 0xd4}};
inline constexpr char driver_name[] = "AsioWire";
inline constexpr std::int32_t driver_version = 1;

/// How many driver objects and class-factory locks keep this DLL in use.
extern std::atomic<long> objects_alive;

/// The COM object. States: created → init → create_buffers → start, and back by stop,
/// dispose_buffers, Release; each state is an object, and leaving it is its destruction.
///
/// Free-threaded: any method from any thread; what changes the state is done by one thread at a
/// time. On the audio thread, inside the host's callback, stop, dispose_buffers and Release return at
/// once and take effect when the callback returns.
class Driver final : public asio::IAsio {
public:
    Driver();

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID iid, void** object) override;
    ULONG STDMETHODCALLTYPE AddRef() override;
    ULONG STDMETHODCALLTYPE Release() override;

    asio::Bool ASIO_METHOD init(void* sys_handle) override;
    void ASIO_METHOD get_driver_name(char* name) override;
    std::int32_t ASIO_METHOD get_driver_version() override;
    void ASIO_METHOD get_error_message(char* text) override;
    std::int32_t ASIO_METHOD start() override;
    std::int32_t ASIO_METHOD stop() override;
    std::int32_t ASIO_METHOD get_channels(std::int32_t* inputs, std::int32_t* outputs) override;
    std::int32_t ASIO_METHOD get_latencies(std::int32_t* input, std::int32_t* output) override;
    std::int32_t ASIO_METHOD get_buffer_size(std::int32_t* min, std::int32_t* max,
                                             std::int32_t* preferred,
                                             std::int32_t* granularity) override;
    std::int32_t ASIO_METHOD can_sample_rate(double rate) override;
    std::int32_t ASIO_METHOD get_sample_rate(double* rate) override;
    std::int32_t ASIO_METHOD set_sample_rate(double rate) override;
    std::int32_t ASIO_METHOD get_clock_sources(asio::ClockSource* clocks,
                                               std::int32_t* count) override;
    std::int32_t ASIO_METHOD set_clock_source(std::int32_t index) override;
    std::int32_t ASIO_METHOD get_sample_position(asio::Wide* position, asio::Wide* time) override;
    std::int32_t ASIO_METHOD get_channel_info(asio::ChannelInfo* info) override;
    std::int32_t ASIO_METHOD create_buffers(asio::BufferInfo* infos, std::int32_t count,
                                            std::int32_t frames,
                                            const asio::Callbacks* callbacks) override;
    std::int32_t ASIO_METHOD dispose_buffers() override;
    std::int32_t ASIO_METHOD control_panel() override;
    std::int32_t ASIO_METHOD future(std::int32_t selector, void* param) override;
    std::int32_t ASIO_METHOD output_ready() override;

private:
    ~Driver();

    /// What init found out.
    struct Opened {
        std::shared_ptr<EngineToken> engine;
        std::uint32_t inputs = 0;
        std::uint32_t outputs = 0;
        std::uint32_t rate = 0;
        std::uint32_t preferred_block = 0;
    };

    /// A status and, where the status alone says too little, a sentence.
    struct Outcome {
        Outcome(Status status_, std::string text_ = {}) : status(status_), text(std::move(text_)) {}
        Status status;
        std::string text;
    };

    /// The one door of every method that can fail: maps the outcome to an ASIO error, keeps the
    /// sentence for get_error_message and logs it.
    template <class Work> std::int32_t enter(const char* method, Work work)
    {
        return settle(method, work());
    }
    std::int32_t settle(const char* method, const Outcome& outcome);

    Outcome open();
    Outcome offers(double rate) const;
    Outcome create(asio::BufferInfo* infos, std::int32_t count, std::int32_t frames,
                   const asio::Callbacks* callbacks);
    Outcome run();
    Outcome halt();
    Outcome dispose();
    Outcome check(const asio::BufferInfo* infos, std::int32_t count, std::int32_t frames,
                  const asio::Callbacks* callbacks, const Opened& device) const;
    void keep(std::string_view sentence);
    void wait_for_ending();
    void close_events();

    std::shared_ptr<const Opened> opened() const;
    std::shared_ptr<Session> session() const;
    std::shared_ptr<AudioThread> running() const;
    bool inside_callback() const;

    std::atomic<ULONG> references_{1};
    char error_[124] = ""; // guarded by state_lock_

    // Held only for the moment of looking or exchanging, never across a call that waits.
    mutable SRWLOCK state_lock_ = SRWLOCK_INIT;
    std::shared_ptr<const Opened> opened_; // init …
    std::shared_ptr<Session> session_;     // create_buffers … dispose_buffers
    std::shared_ptr<AudioThread> running_; // start … stop
    std::shared_ptr<AudioThread> ending_;  // stopped from inside its own callback, still on its way
    std::shared_ptr<Events> events_;
    std::unique_ptr<EventThread> event_thread_; // first create_buffers …

    // One state change at a time; never waited for on the audio thread.
    CRITICAL_SECTION change_;
};

} // namespace asiowire
