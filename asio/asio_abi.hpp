// SPDX-License-Identifier: MIT
#pragma once

// The binary interface between an ASIO host and an ASIO driver on Windows, written down from its
// published description: 32-bit `long`, structs packed to 4 bytes, host callbacks cdecl, driver
// methods thiscall on 32-bit (mingw's own default for C++ methods) and the one Microsoft convention
// on 64-bit. Fixed-size integers only, so that a winelib host, where `long` has 64 bits, agrees.

#include <cstddef>
#include <cstdint>
#include <unknwn.h>

#if defined(_WIN32) && !defined(__WINE__)
#define ASIO_METHOD
#define ASIO_CALLBACK __cdecl
#elif defined(__x86_64__)
#define ASIO_METHOD __attribute__((ms_abi))
#define ASIO_CALLBACK __attribute__((ms_abi))
#else
#define ASIO_METHOD __attribute__((thiscall))
#define ASIO_CALLBACK
#endif

namespace asio {

using Bool = std::int32_t; // 0 or 1

enum Error : std::int32_t {
    ASE_OK = 0,
    ASE_SUCCESS = 0x3f4847a0, // the "yes" of future()
    ASE_NotPresent = -1000,
    ASE_HWMalfunction = -999,
    ASE_InvalidParameter = -998,
    ASE_InvalidMode = -997,
    ASE_SPNotAdvancing = -996,
    ASE_NoClock = -995,
    ASE_NoMemory = -994,
};

enum SampleType : std::int32_t {
    Int16LSB = 16,
    Int24LSB = 17,
    Int32LSB = 18,
    Float32LSB = 19,
    Float64LSB = 20,
};

/// Selectors of the host's asioMessage().
enum MessageSelector : std::int32_t {
    kAsioSelectorSupported = 1,
    kAsioEngineVersion = 2,
    kAsioResetRequest = 3,
    kAsioBufferSizeChange = 4,
    kAsioResyncRequest = 5,
    kAsioLatenciesChanged = 6,
    kAsioSupportsTimeInfo = 7,
    kAsioSupportsTimeCode = 8,
    kAsioOverload = 15,
};

/// Selectors of the driver's future(); those without a remark take no parameter.
enum FutureSelector : std::int32_t {
    kAsioEnableTimeCodeRead = 1,
    kAsioDisableTimeCodeRead = 2,
    kAsioSetInputMonitor = 3, // structs of their own, which this driver does not read
    kAsioTransport = 4,
    kAsioSetInputGain = 5,
    kAsioGetInputMeter = 6,
    kAsioSetOutputGain = 7,
    kAsioGetOutputMeter = 8,
    kAsioCanInputMonitor = 9,
    kAsioCanTimeInfo = 10,
    kAsioCanTimeCode = 11,
    kAsioCanTransport = 12,
    kAsioCanInputGain = 13,
    kAsioCanInputMeter = 14,
    kAsioCanOutputGain = 15,
    kAsioCanOutputMeter = 16,
    kAsioOptionalOne = 17,
    kAsioSetIoFormat = 0x23111961,              // IoFormat
    kAsioGetIoFormat = 0x23111983,              // IoFormat
    kAsioCanDoIoFormat = 0x23112004,            // IoFormat
    kAsioCanReportOverload = 0x24042012,
    kAsioGetInternalBufferSamples = 0x25042012, // InternalBufferInfo
};

enum IoFormatType : std::int32_t {
    kASIOFormatInvalid = -1, // written by a driver over a format that it refuses
    kASIOPCMFormat = 0,
    kASIODSDFormat = 1,
};

enum TimeInfoFlag : std::uint32_t {
    kSystemTimeValid = 1,
    kSamplePositionValid = 1u << 1,
    kSampleRateValid = 1u << 2,
    kSpeedValid = 1u << 3,
};

#pragma pack(push, 4)

/// A 64-bit number in two halves, the high one first.
struct Wide {
    std::uint32_t hi;
    std::uint32_t lo;
};

struct ChannelInfo {
    std::int32_t channel;   // in: index from 0
    Bool is_input;          // in
    Bool is_active;         // out: has a buffer
    std::int32_t group;     // out
    std::int32_t type;      // out: SampleType
    char name[32];          // out
};

struct BufferInfo {
    Bool is_input;          // in
    std::int32_t channel;   // in
    void* buffers[2];       // out: the two halves
};

struct ClockSource {
    std::int32_t index;
    std::int32_t associated_channel;
    std::int32_t associated_group;
    Bool is_current;
    char name[32];
};

struct TimeInfo {
    double speed;
    Wide system_time;       // nanoseconds, timeGetTime base
    Wide sample_position;
    double sample_rate;
    std::uint32_t flags;    // TimeInfoFlag
    char reserved[12];
};

struct TimeCode {
    double speed;
    Wide samples;
    std::uint32_t flags;
    char future[64];
};

struct Time {
    std::int32_t reserved[4];
    TimeInfo info;
    TimeCode code;
};

struct IoFormat {
    std::int32_t type;      // in, out: IoFormatType
    char future[508];
};

struct InternalBufferInfo {
    std::int32_t input_samples;  // out: frames of buffering beyond the double buffer
    std::int32_t output_samples; // out
};

struct Callbacks {
    void(ASIO_CALLBACK* buffer_switch)(std::int32_t half, Bool direct_process);
    void(ASIO_CALLBACK* sample_rate_did_change)(double rate);
    std::int32_t(ASIO_CALLBACK* asio_message)(std::int32_t selector, std::int32_t value,
                                              void* message, double* opt);
    Time*(ASIO_CALLBACK* buffer_switch_time_info)(Time* time, std::int32_t half,
                                                  Bool direct_process);
};

#pragma pack(pop)

static_assert(sizeof(ChannelInfo) == 52);
static_assert(offsetof(BufferInfo, buffers) == 8);
static_assert(sizeof(BufferInfo) == 8 + 2 * sizeof(void*));
static_assert(sizeof(ClockSource) == 48);
static_assert(sizeof(TimeInfo) == 48);
static_assert(sizeof(TimeCode) == 84);
static_assert(sizeof(IoFormat) == 512 && sizeof(InternalBufferInfo) == 8);
static_assert(sizeof(Time) == 148 && offsetof(Time, info) == 16 && offsetof(Time, code) == 64);

/// The driver object as a host sees it; the order of the methods is the contract.
/// Errors   every Error-returning method: ASE_OK, or a negative code with its sentence kept for
///          get_error_message
struct IAsio : IUnknown {
    virtual Bool ASIO_METHOD init(void* sys_handle) = 0;
    virtual void ASIO_METHOD get_driver_name(char* name) = 0;       // at most 32 bytes with the NUL
    virtual std::int32_t ASIO_METHOD get_driver_version() = 0;
    virtual void ASIO_METHOD get_error_message(char* text) = 0;     // at most 124 bytes with the NUL
    virtual std::int32_t ASIO_METHOD start() = 0;
    virtual std::int32_t ASIO_METHOD stop() = 0;
    virtual std::int32_t ASIO_METHOD get_channels(std::int32_t* inputs, std::int32_t* outputs) = 0;
    virtual std::int32_t ASIO_METHOD get_latencies(std::int32_t* input, std::int32_t* output) = 0;
    virtual std::int32_t ASIO_METHOD get_buffer_size(std::int32_t* min, std::int32_t* max,
                                                     std::int32_t* preferred,
                                                     std::int32_t* granularity) = 0;
    virtual std::int32_t ASIO_METHOD can_sample_rate(double rate) = 0;
    virtual std::int32_t ASIO_METHOD get_sample_rate(double* rate) = 0;
    virtual std::int32_t ASIO_METHOD set_sample_rate(double rate) = 0;
    virtual std::int32_t ASIO_METHOD get_clock_sources(ClockSource* clocks, std::int32_t* count) = 0;
    virtual std::int32_t ASIO_METHOD set_clock_source(std::int32_t index) = 0;
    virtual std::int32_t ASIO_METHOD get_sample_position(Wide* position, Wide* time) = 0;
    virtual std::int32_t ASIO_METHOD get_channel_info(ChannelInfo* info) = 0;
    virtual std::int32_t ASIO_METHOD create_buffers(BufferInfo* infos, std::int32_t count,
                                                    std::int32_t frames,
                                                    const Callbacks* callbacks) = 0;
    virtual std::int32_t ASIO_METHOD dispose_buffers() = 0;
    virtual std::int32_t ASIO_METHOD control_panel() = 0;
    virtual std::int32_t ASIO_METHOD future(std::int32_t selector, void* param) = 0;
    virtual std::int32_t ASIO_METHOD output_ready() = 0;
};

} // namespace asio
