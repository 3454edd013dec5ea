// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace asiowire {

/// Asks a driver, whose disk may be slow. The answer may have several lines.
/// [any-thread]  waits for at most `patience_s` seconds at a time
/// Errors   the driver's own sentence, or why it cannot be asked
std::expected<std::string, std::string> ask_control(const std::string& path, std::string_view line,
                                                    int patience_s = 10);

/// A driver's control socket: a Unix socket for this user alone (mode 0600), served by a native
/// thread. A client sends one line of at most 1000 bytes and gets "ok ANSWER" or "error SENTENCE";
/// then it is over. Clients that dawdle are dropped after a second.
class ControlSocket {
public:
    /// Makes the answer to a line, or a sentence that says what is wrong with it.
    /// [control-thread]
    using Answer = std::function<std::expected<std::string, std::string>(std::string_view line)>;

    /// [any-thread but the audio thread]
    /// Errors   null, and `why`
    static std::unique_ptr<ControlSocket> create(const std::string& path, Answer answer,
                                                 std::string& why);

    /// The file goes; an answer under way is waited for.
    ~ControlSocket();
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

private:
    ControlSocket() = default;
    void serve();
    void serve_one(int client);

    std::string path_;
    Answer answer_;
    int listening_ = -1;
    int over_ = -1; // an eventfd
    std::thread thread_;
};

} // namespace asiowire
