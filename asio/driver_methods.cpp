// SPDX-License-Identifier: MIT
// The contract, method by method, in its order.

#include "asio/driver.hpp"
#include "asio/future.hpp"
#include "asio/panel.hpp"
#include "asio/srw_guard.hpp"

#include <cstring>

namespace asiowire {

asio::Bool ASIO_METHOD Driver::init(void*) // a window, a module, null: hosts differ, we need none
{
    return enter("init", [this] { return open(); }) == asio::ASE_OK ? 1 : 0;
}

void ASIO_METHOD Driver::get_driver_name(char* name)
{
    if (name != nullptr) std::memcpy(name, entry_.name.c_str(), entry_.name.size() + 1);
}

std::int32_t ASIO_METHOD Driver::get_driver_version()
{
    return driver_version;
}

void ASIO_METHOD Driver::get_error_message(char* text)
{
    if (text == nullptr) return;
    const SrwGuard guard(error_lock_, SrwGuard::shared);
    error_.write(text);
}

std::int32_t ASIO_METHOD Driver::start()
{
    return enter("start", [](Opened& opened) { return opened.start(); });
}

std::int32_t ASIO_METHOD Driver::stop()
{
    return enter("stop", [](Opened& opened) { return opened.stop(); });
}

std::int32_t ASIO_METHOD Driver::get_channels(std::int32_t* inputs, std::int32_t* outputs)
{
    return enter("getChannels", [=](Opened& opened) { return opened.channels(inputs, outputs); });
}

std::int32_t ASIO_METHOD Driver::get_latencies(std::int32_t* input, std::int32_t* output)
{
    return enter("getLatencies", [=](Opened& opened) { return opened.latencies(input, output); });
}

std::int32_t ASIO_METHOD Driver::get_buffer_size(std::int32_t* min, std::int32_t* max,
                                                 std::int32_t* preferred,
                                                 std::int32_t* granularity)
{
    return enter("getBufferSize", [=](Opened& opened) {
        return opened.buffer_size(min, max, preferred, granularity);
    });
}

std::int32_t ASIO_METHOD Driver::can_sample_rate(double rate)
{
    return enter("canSampleRate", [=](Opened& opened) { return opened.can_sample_rate(rate); });
}

std::int32_t ASIO_METHOD Driver::get_sample_rate(double* rate)
{
    return enter("getSampleRate", [=](Opened& opened) { return opened.sample_rate(rate); });
}

std::int32_t ASIO_METHOD Driver::set_sample_rate(double rate)
{
    return enter("setSampleRate", [=](Opened& opened) { return opened.set_sample_rate(rate); });
}

std::int32_t ASIO_METHOD Driver::get_clock_sources(asio::ClockSource* clocks, std::int32_t* count)
{
    return enter("getClockSources", [=]() -> Outcome {
        if (clocks == nullptr || count == nullptr)
            return {Status::bad_argument, "a pointer is null"};
        if (*count < 1) return {Status::bad_argument, "there is no room for a clock source"};
        *count = 1;
        clocks[0] = {.index = 0, .associated_channel = -1, .associated_group = -1,
                     .is_current = 1, .name = "PipeWire graph"};
        return Status::ok;
    });
}

std::int32_t ASIO_METHOD Driver::set_clock_source(std::int32_t index)
{
    return enter("setClockSource", [=]() -> Outcome {
        if (index == 0) return Status::ok;
        return {Status::bad_argument, "there is one clock source, number 0"};
    });
}

std::int32_t ASIO_METHOD Driver::get_sample_position(asio::Wide* position, asio::Wide* time)
{
    return enter("getSamplePosition",
                 [=](Opened& opened) { return opened.sample_position(position, time); });
}

std::int32_t ASIO_METHOD Driver::get_channel_info(asio::ChannelInfo* info)
{
    return enter("getChannelInfo", [=](Opened& opened) { return opened.channel_info(info); });
}

std::int32_t ASIO_METHOD Driver::create_buffers(asio::BufferInfo* infos, std::int32_t count,
                                                std::int32_t frames,
                                                const asio::Callbacks* callbacks)
{
    return enter("createBuffers", [=](Opened& opened) {
        return opened.create_buffers(infos, count, frames, callbacks);
    });
}

std::int32_t ASIO_METHOD Driver::dispose_buffers()
{
    return enter("disposeBuffers", [](Opened& opened) { return opened.dispose_buffers(); });
}

std::int32_t ASIO_METHOD Driver::control_panel()
{
    return enter("controlPanel", [this] {
        const auto opened = opened_.get();
        return show_panel(opened ? opened->describe() : "The device is not open.");
    });
}

std::int32_t ASIO_METHOD Driver::future(std::int32_t selector, void* param)
{
    const auto about_buffers = [=](Opened& opened) {
        return opened.internal_buffers(static_cast<asio::InternalBufferInfo*>(param));
    };
    const std::int32_t error = selector == asio::kAsioGetInternalBufferSamples
                                   ? enter("future", about_buffers)
                                   : enter("future", [=] { return answer_future(selector, param); });
    return error == asio::ASE_OK ? std::int32_t{asio::ASE_SUCCESS} : error;
}

std::int32_t ASIO_METHOD Driver::output_ready()
{
    // A block's output is taken when bufferSwitch returns, or at a fixed deadline: nothing to gain
    // by hearing of it. It is an answer that never changes, so it needs no door, and may be called
    // before every sample.
    return asio::ASE_NotPresent;
}

} // namespace asiowire
