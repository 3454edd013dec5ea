// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/control_socket.hpp"
#include "pipewire/rt_state.hpp"
#include "pipewire/settings.hpp"
#include "taps/recorder.hpp"

#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace asiowire {

class Tap;

/// A driver's own recorder: what runs through the host is recorded when the settings or somebody at
/// the control socket says so. Ring and disk thread are made at the first need and stay until the
/// driver is closed. A take ends when the host stops; while recording is wanted the next start
/// begins a new one.
///
/// [any-thread but the audio thread]  all of it; nothing waits for the disk but the destructor
class HostRecorder {
public:
    /// `page`: path of the status page, beside which the socket is made; "" = none
    HostRecorder(std::string program, const Settings& settings, const std::string& page);

    /// Ends the take.
    ~HostRecorder();
    HostRecorder(const HostRecorder&) = delete;
    HostRecorder& operator=(const HostRecorder&) = delete;

    /// A run is prepared; its device channels by port, and how many the device has. The audio
    /// thread of the run before is out of its last cycle.
    void prepared(std::shared_ptr<RtState> state, const std::vector<std::uint32_t>& inputs,
                  const std::vector<std::uint32_t>& outputs, std::uint32_t device_inputs,
                  std::uint32_t device_outputs, std::uint32_t rate);

    /// The host is about to be called: automatic recording and the pre-roll begin.
    void started();

    /// The host is not called any more.
    void stopped();

    /// Nobody can talk to it any more; the file is gone.
    void withdraw() { socket_.reset(); }

private:
    using Answer = std::expected<std::string, std::string>;

    std::expected<void, std::string> make_ready(); // all with the lock held
    std::expected<void, std::string> make_ring();
    void begin(const std::string& name, bool hooks);
    std::vector<RingChannel> chosen() const;
    std::string dated() const;
    bool wanted();

    // host_recorder_words.cpp: the control thread
    Answer answer(std::string_view line);
    Answer start(std::string name);
    Answer stop();
    Answer mark(const std::string& text);
    Answer status(bool json);
    Answer listen(bool on);

    const std::string program_;
    const Settings settings_;

    std::mutex mutex_; // guards what follows
    std::shared_ptr<RtState> state_;
    std::vector<std::uint32_t> inputs_;
    std::vector<std::uint32_t> outputs_;
    std::uint32_t device_inputs_ = 0;
    std::uint32_t device_outputs_ = 0;
    std::uint32_t rate_ = 48000;
    bool running_ = false;
    bool listened_ = false; // somebody looks on: the tap is on whether or not anything is recorded
    std::unique_ptr<Ring> ring_;
    std::unique_ptr<Tap> tap_;           // of this run
    std::unique_ptr<Recorder> recorder_; // goes before the ring

    std::unique_ptr<ControlSocket> socket_; // goes first: its thread uses all the others
};

} // namespace asiowire
