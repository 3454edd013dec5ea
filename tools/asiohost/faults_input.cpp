// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <cmath>
#include <cstdio>
#include <limits>

namespace asiohost {
namespace {

/// Goes through nonsensical calls on one driver and notes which of them were not refused.
class BadInput {
public:
    explicit BadInput(Driver& driver) : driver_(driver), callbacks_(host_callbacks(true)) {}

    /// Makes one call that the driver has to refuse with a sentence of its own, and prints what it
    /// did; `what` begins with the method's name.
    template <class Call> void refuse(const std::string& what, Call action)
    {
        const std::int32_t code = driver_.call(what.c_str(), action);
        const bool refused = code != asio::ASE_OK && code != asio::ASE_SUCCESS;
        std::string sentence = refused ? driver_.error_message() : "";
        const std::string method = what.substr(0, what.find(','));
        const bool stale = sentence == last_sentence_ && method != last_method_;
        const bool good = refused && sentence != kNoReason && !stale;
        if (!good) wrong_++;
        std::printf("%-4s %-44s %s %s%s\n", good ? "ok" : "BAD", what.c_str(),
                    error_name(code).c_str(), sentence.c_str(),
                    stale ? " (left over from the call before)" : "");
        if (stale || !refused) return;
        last_sentence_ = std::move(sentence);
        last_method_ = method;
    }

    /// createBuffers for these channels; what was made against all sense is disposed again.
    void refuse_buffers(const std::string& what, std::vector<asio::BufferInfo> infos,
                        std::int32_t frames)
    {
        const auto count = static_cast<std::int32_t>(infos.size());
        refuse_buffers(what, infos.data(), count, frames, &callbacks_);
    }

    void refuse_buffers(const std::string& what, asio::BufferInfo* infos, std::int32_t count,
                        std::int32_t frames, const asio::Callbacks* callbacks)
    {
        refuse("createBuffers, " + what, [&](asio::IAsio& asio) {
            const std::int32_t code = asio.create_buffers(infos, count, frames, callbacks);
            if (code == asio::ASE_OK) asio.dispose_buffers();
            return code;
        });
    }

    Driver& driver() { return driver_; }
    const asio::Callbacks& callbacks() const { return callbacks_; }
    int wrong() const { return wrong_; }

private:
    Driver& driver_;
    asio::Callbacks callbacks_;
    std::string last_sentence_; // to recognise one that belongs to an earlier call
    std::string last_method_;
    int wrong_ = 0;
};

std::vector<asio::BufferInfo> one_output(std::int32_t channel = 0, asio::Bool is_input = 0)
{
    return {{.is_input = is_input, .channel = channel, .buffers = {}}};
}

struct Sizes {
    std::int32_t min = 0, max = 0, preferred = 0, granularity = 0;

    bool allow(std::int32_t frames) const
    {
        if (frames < min || frames > max) return false;
        if (granularity > 0) return (frames - min) % granularity == 0;
        return granularity == 0 ? frames == preferred : (frames & (frames - 1)) == 0;
    }
};

void bad_sizes(BadInput& input, const Sizes& sizes)
{
    for (const std::int32_t frames : {0, 1, -5, 7, 1'000'000}) {
        const std::string what = format("%d frames", static_cast<int>(frames));
        if (sizes.allow(frames)) {
            std::printf("     %s: the driver offers this size\n", what.c_str());
        } else {
            input.refuse_buffers(what, one_output(), frames);
        }
    }
}

void bad_channels(BadInput& input, std::int32_t frames)
{
    input.refuse_buffers("channel -1", one_output(-1), frames);
    input.refuse_buffers("channel 1000", one_output(1000), frames);
    input.refuse_buffers("channel 2147483647", one_output(std::numeric_limits<std::int32_t>::max()),
                         frames);
    input.refuse_buffers("isInput 7", one_output(0, 7), frames);
    std::vector<asio::BufferInfo> many(100'000);
    for (std::size_t i = 0; i < many.size(); i++)
        many[i].channel = static_cast<std::int32_t>(i);
    input.refuse_buffers("100000 channels", std::move(many), frames);
}

void bad_pointers(BadInput& input, std::int32_t frames)
{
    auto good = one_output();
    const auto* callbacks = &input.callbacks();
    asio::Callbacks empty{};
    input.refuse_buffers("no channel array", nullptr, 1, frames, callbacks);
    input.refuse_buffers("no callbacks", good.data(), 1, frames, nullptr);
    input.refuse_buffers("callbacks all null", good.data(), 1, frames, &empty);
    input.refuse_buffers("0 channels", good.data(), 0, frames, callbacks);
    input.refuse_buffers("-1 channels", good.data(), -1, frames, callbacks);
    input.refuse("getChannels, null",
                 [](asio::IAsio& asio) { return asio.get_channels(nullptr, nullptr); });
    input.refuse("getLatencies, null",
                 [](asio::IAsio& asio) { return asio.get_latencies(nullptr, nullptr); });
    input.refuse("getBufferSize, null", [](asio::IAsio& asio) {
        return asio.get_buffer_size(nullptr, nullptr, nullptr, nullptr);
    });
    input.refuse("getSampleRate, null", [](asio::IAsio& a) { return a.get_sample_rate(nullptr); });
    input.refuse("getChannelInfo, null",
                 [](asio::IAsio& a) { return a.get_channel_info(nullptr); });
    input.refuse("getClockSources, null",
                 [](asio::IAsio& asio) { return asio.get_clock_sources(nullptr, nullptr); });
}

void bad_values(BadInput& input)
{
    for (const std::int32_t channel : {-1, 1000}) {
        asio::ChannelInfo info{};
        info.channel = channel;
        input.refuse(format("getChannelInfo, channel %d", static_cast<int>(channel)),
                     [&](asio::IAsio& asio) { return asio.get_channel_info(&info); });
    }
    for (const double rate : {-1.0, 1.0, 1e9, std::nan("")}) {
        input.refuse(format("canSampleRate, %g", rate),
                     [=](asio::IAsio& asio) { return asio.can_sample_rate(rate); });
        input.refuse(format("setSampleRate, %g", rate),
                     [=](asio::IAsio& asio) { return asio.set_sample_rate(rate); });
    }
    input.refuse("setClockSource, 99", [](asio::IAsio& a) { return a.set_clock_source(99); });
    input.refuse("future, selector 12345", [](asio::IAsio& a) { return a.future(12345, nullptr); });
}

void bad_order(BadInput& input, std::int32_t frames)
{
    input.refuse("start, without buffers", [](asio::IAsio& asio) { return asio.start(); });
    input.refuse("stop, without start", [](asio::IAsio& asio) { return asio.stop(); });
    input.refuse("disposeBuffers, without buffers",
                 [](asio::IAsio& asio) { return asio.dispose_buffers(); });
    input.refuse("getSamplePosition, without start", [](asio::IAsio& asio) {
        asio::Wide position{}, time{};
        return asio.get_sample_position(&position, &time);
    });
    auto good = one_output();
    const auto made = input.driver().demand("createBuffers", [&](asio::IAsio& asio) {
        return asio.create_buffers(good.data(), 1, frames, &input.callbacks());
    });
    std::printf("     createBuffers, sensible: %s\n",
                made ? "ASE_OK" : made.error().sentence.c_str());
    input.refuse("stop, with buffers and without start", [](asio::IAsio& a) { return a.stop(); });
    input.driver().call("disposeBuffers", [](asio::IAsio& a) { return a.dispose_buffers(); });
    input.refuse("disposeBuffers, a second time",
                 [](asio::IAsio& asio) { return asio.dispose_buffers(); });
}

} // namespace

Result<void> fault_bad_sizes(const DriverEntry& entry, const Options& options)
{
    int wrong = 0;
    {
        auto driver = Driver::open(entry);
        if (!driver) return std::unexpected(driver.error());
        Sizes sizes;
        auto got = driver->demand("getBufferSize", [&](asio::IAsio& asio) {
            return asio.get_buffer_size(&sizes.min, &sizes.max, &sizes.preferred,
                                        &sizes.granularity);
        });
        if (!got) return got;
        BadInput input(*driver);
        bad_order(input, sizes.preferred);
        bad_sizes(input, sizes);
        bad_channels(input, sizes.preferred);
        bad_pointers(input, sizes.preferred);
        bad_values(input);
        wrong = input.wrong();
        std::fflush(stdout);
    }
    if (auto ran = run_normal_second(entry, options); !ran) return ran;
    if (wrong == 0) return {};
    return failure(ExitCode::audio_wrong,
                   format("%d senseless calls were not refused with a sentence.", wrong));
}

} // namespace asiohost
