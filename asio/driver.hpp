// SPDX-License-Identifier: MIT
#pragma once

#include "asio/asio_abi.hpp"
#include "asio/entry.hpp"
#include "asio/error_text.hpp"
#include "asio/opened.hpp"
#include "asio/outcome.hpp"
#include "asio/slot.hpp"

#include <atomic>
#include <type_traits>
#include <windows.h>

namespace asiowire {

inline constexpr std::int32_t driver_version = 1;

/// How many driver objects and class-factory locks keep this DLL in use.
extern std::atomic<long> objects_alive;

/// The COM object. The states of the contract are types: Driver holds an Opened from init on, that a
/// Prepared from createBuffers on, and that a Running from start on; a method that needs a state is a
/// method of that type.
///
/// Free-threaded: any method from any thread, several at once, also while another one releases.
class Driver final : public asio::IAsio {
public:
    explicit Driver(Entry entry);

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

    /// The one door of every method that can fail: finds the state that the work asks for, maps the
    /// outcome to an ASIO error, keeps the sentence for get_error_message and logs it. Whoever is
    /// inside keeps the object's memory, also when another thread releases it meanwhile.
    template <class Work> std::int32_t enter(const char* method, Work work)
    {
        users_++;
        std::int32_t error = asio::ASE_NoMemory;
        try {
            if constexpr (std::is_invocable_v<Work, Opened&>) {
                const auto opened = opened_.get();
                error = settle(method, opened ? work(*opened) : not_open());
            } else {
                error = settle(method, work());
            }
        } catch (const std::bad_alloc&) {
            keep("out of memory");
        }
        leave();
        return error;
    }
    static Outcome not_open();
    std::int32_t settle(const char* method, const Outcome& outcome);
    void keep(std::string_view sentence);
    void leave();
    Outcome open();

    const Entry entry_; // what the host has chosen in its list

    std::atomic<ULONG> references_{1}; // the host's
    std::atomic<ULONG> users_{1};      // the references, together one, and the methods under way

    SRWLOCK error_lock_ = SRWLOCK_INIT;
    ErrorText error_;

    SRWLOCK opening_ = SRWLOCK_INIT;
    Slot<Opened> opened_; // init …
};

} // namespace asiowire
