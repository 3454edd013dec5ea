// SPDX-License-Identifier: MIT

#include "pipewire/host_recorder.hpp"

#include "pipewire/log.hpp"
#include "pipewire/status_folder.hpp"
#include "pipewire/tap.hpp"
#include "taps/channel_list.hpp"

#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>

namespace asiowire {

namespace {

constexpr double ring_seconds = 10; // beyond the pre-roll

std::filesystem::path folder_of(const Settings& settings)
{
    if (!settings.record_folder.empty()) return settings.record_folder;
    const char* const home = std::getenv("HOME");
    return std::filesystem::path(home == nullptr ? "." : home) / "AsioWire";
}

void add_chosen(std::vector<RingChannel>& to, const std::string& words, std::uint32_t there,
                std::uint16_t direction)
{
    std::vector<std::uint32_t> channels;
    if (words == "all") {
        for (std::uint32_t c = 0; c < there; c++)
            channels.push_back(c);
    } else if (words != "none") {
        channels = parse_channels(words, max_channels).value_or(channels);
    }
    std::vector<std::uint32_t> missing;
    for (const std::uint32_t c : channels) {
        if (c < there)
            to.push_back({direction, static_cast<std::uint16_t>(c)});
        else
            missing.push_back(c);
    }
    if (!missing.empty())
        log(LogLevel::warning, std::string("recording leaves out ") +
                                   (direction == RingChannel::input ? "inputs " : "outputs ") +
                                   channel_words(missing) + ", because the device has " +
                                   std::to_string(there));
}

} // namespace

HostRecorder::HostRecorder(std::string program, const Settings& settings, const std::string& page)
    : program_(std::move(program)), settings_(settings)
{
    if (page.empty()) return;
    std::string why;
    socket_ = ControlSocket::create(
        control_path(page), [this](std::string_view line) { return answer(line); }, why);
    if (!socket_) log(LogLevel::info, why);
}

HostRecorder::~HostRecorder()
{
    socket_.reset();
    recorder_.reset();
}

void HostRecorder::prepared(std::shared_ptr<RtState> state,
                            const std::vector<std::uint32_t>& inputs,
                            const std::vector<std::uint32_t>& outputs, std::uint32_t device_inputs,
                            std::uint32_t device_outputs, std::uint32_t rate)
{
    const std::lock_guard guard(mutex_);
    if (state_) state_->tap = nullptr;
    state_ = std::move(state);
    inputs_ = inputs;
    outputs_ = outputs;
    device_inputs_ = device_inputs;
    device_outputs_ = device_outputs;
    rate_ = rate;
    running_ = false;
    tap_.reset();
}

void HostRecorder::started()
{
    const std::lock_guard guard(mutex_);
    running_ = true;
    const bool automatic = settings_.record_automatic;
    if (!automatic && settings_.record_preroll == 0 && !listened_ && !wanted()) return;
    if (const auto ready = make_ready(); !ready) {
        log(LogLevel::error, "nothing is recorded: " + ready.error());
        return;
    }
    if (automatic && !wanted()) begin(dated(), settings_.record_hooks);
    tap_->turn(true);
}

void HostRecorder::stopped()
{
    const std::lock_guard guard(mutex_);
    running_ = false;
    if (recorder_) recorder_->interrupt();
}

/// Ring, disk thread and tap of this run.
std::expected<void, std::string> HostRecorder::make_ready()
{
    if (!ring_)
        if (auto made = make_ring(); !made) return made;
    if (!recorder_) {
        recorder_ = std::make_unique<Recorder>(
            *ring_, Recorder::Options{.preroll = static_cast<double>(settings_.record_preroll),
                                      .rotation = static_cast<double>(settings_.record_rotate),
                                      .tell = [](bool bad, const std::string& sentence) {
                                          log(bad ? LogLevel::warning : LogLevel::info, sentence);
                                      }});
    }
    if (!tap_ && state_) {
        tap_ = std::make_unique<Tap>(*ring_, inputs_, outputs_);
        state_->tap.store(tap_.get(), std::memory_order_release);
    }
    return {};
}

std::expected<void, std::string> HostRecorder::make_ring()
{
    const std::vector<RingChannel> channels = chosen();
    if (channels.empty())
        return std::unexpected(
            "asiowire.record.inputs and .outputs choose no channel of this device");
    auto ring = Ring::create(
        {.channels = channels, .rate = rate_, .seconds = ring_seconds + settings_.record_preroll});
    if (!ring) return std::unexpected(ring.error());
    ring_ = std::move(*ring);
    log(LogLevel::info,
        std::to_string(channels.size()) + " channels can be recorded; the ring's memory " +
            (ring_->locked() ? "is locked" : "may be swapped out (RLIMIT_MEMLOCK)"));
    return {};
}

std::vector<RingChannel> HostRecorder::chosen() const
{
    std::vector<RingChannel> channels;
    add_chosen(channels, settings_.record_inputs, device_inputs_, RingChannel::input);
    add_chosen(channels, settings_.record_outputs, device_outputs_, RingChannel::output);
    return channels;
}

/// "Live 2026-11-21 20-46-03"
std::string HostRecorder::dated() const
{
    std::array<char, 64> text{};
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    std::strftime(text.data(), text.size(), " %Y-%m-%d %H-%M-%S", &local);
    return program_ + text.data();
}

/// Whether a take grows, or begins with the next block.
bool HostRecorder::wanted()
{
    if (!recorder_) return false;
    const RecorderStatus::State state = recorder_->status().state;
    return !recorder_->settled() || state == RecorderStatus::State::recording ||
           state == RecorderStatus::State::waiting;
}

/// Has the recorder begin a take. `hooks`: with what hooks publish. [ready]
void HostRecorder::begin(const std::string& name, bool hooks)
{
    TakeSettings take;
    take.folder = folder_of(settings_);
    take.name = name;
    take.polyphonic = settings_.record_poly;
    take.originator = "AsioWire";
    take.hooks = hooks;
    std::error_code ignored; // the take itself says what is wrong with a folder
    std::filesystem::create_directories(take.folder, ignored);
    for (std::uint32_t c = 0; c < ring_->channels(); c++) {
        const RingChannel channel = ring_->header().map[c];
        const bool output = channel.direction == RingChannel::output;
        const std::string number = std::to_string(channel.number + 1);
        take.tracks.push_back({.name = (output ? "out " : "in ") + number,
                               .source = (output ? "output " : "input ") + number,
                               .colour = ""});
    }
    recorder_->start(std::move(take));
    if (tap_) tap_->turn(true);
}

} // namespace asiowire
