// SPDX-License-Identifier: MIT

#include "pipewire/control_socket.hpp"

#include "wine/unix/signals.hpp"

#include <cerrno>
#include <cstring>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace asiowire {

namespace {

constexpr std::size_t longest_line = 1000;
constexpr int patience_s = 1; // with a client
constexpr int most_waiting = 8;

/// A socket's address, or false when the path does not fit into one.
bool address_of(const std::string& path, sockaddr_un& address)
{
    address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return false;
    path.copy(address.sun_path, path.size());
    return true;
}

void set_patience(int socket, int seconds)
{
    const timeval patience = {.tv_sec = seconds, .tv_usec = 0};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

bool send_all(int socket, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t sent = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// What comes until the other side ends, or until a line end when `one_line`.
std::string receive(int socket, std::size_t most, bool one_line)
{
    std::string text;
    char piece[512];
    while (text.size() <= most && !(one_line && text.find('\n') != std::string::npos)) {
        const ssize_t got = recv(socket, piece, sizeof piece, 0);
        if (got <= 0) break;
        text.append(piece, static_cast<std::size_t>(got));
    }
    return text;
}

} // namespace

std::expected<std::string, std::string> ask_control(const std::string& path, std::string_view line,
                                                    int patience_s)
{
    if (line.size() > longest_line || line.find('\n') != std::string_view::npos)
        return std::unexpected("that is too long, or more than one line");
    sockaddr_un address;
    if (!address_of(path, address))
        return std::unexpected("the path of the control socket is too long");
    const int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    set_patience(file, patience_s);
    std::expected<std::string, std::string> answer;
    if (connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        answer = std::unexpected("the driver cannot be asked (" + path + ": " +
                                 std::strerror(errno) + ")");
    } else {
        send_all(file, std::string(line) + "\n");
        constexpr std::size_t longest_answer = 1 << 20;
        std::string text = receive(file, longest_answer, false);
        if (text.ends_with('\n')) text.pop_back();
        if (text.starts_with("ok "))
            answer = text.substr(3);
        else if (text.starts_with("error "))
            answer = std::unexpected(text.substr(6));
        else
            answer = std::unexpected("the driver does not answer");
    }
    close(file);
    return answer;
}

std::unique_ptr<ControlSocket> ControlSocket::create(const std::string& path, Answer answer,
                                                     std::string& why)
{
    sockaddr_un address;
    if (!address_of(path, address)) {
        why = "no control socket: the path " + path + " is too long for one";
        return nullptr;
    }
    std::unique_ptr<ControlSocket> made(new ControlSocket);
    made->answer_ = std::move(answer);
    made->over_ = eventfd(0, EFD_CLOEXEC);
    made->listening_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unlink(path.c_str()); // of a dead process that had our pid
    // The folder is the user's alone, so nobody can connect between bind and chmod.
    if (bind(made->listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        why = "no control socket, " + path + ": " + std::strerror(errno);
        return nullptr;
    }
    made->path_ = path;
    if (chmod(path.c_str(), 0600) != 0 || listen(made->listening_, most_waiting) != 0) {
        why = "no control socket, " + path + ": " + std::strerror(errno);
        return nullptr;
    }
    const SignalsBlocked blocked; // for the thread born here
    made->thread_ = std::thread([self = made.get()] { self->serve(); });
    return made;
}

ControlSocket::~ControlSocket()
{
    if (!path_.empty()) unlink(path_.c_str());
    if (thread_.joinable()) {
        static_cast<void>(eventfd_write(over_, 1));
        thread_.join();
    }
    if (listening_ >= 0) close(listening_);
    if (over_ >= 0) close(over_);
}

void ControlSocket::serve()
{
    pthread_setname_np(pthread_self(), "asiowire-ctl");
    for (;;) {
        pollfd waiting[] = {{.fd = listening_, .events = POLLIN, .revents = 0},
                            {.fd = over_, .events = POLLIN, .revents = 0}};
        if (poll(waiting, 2, -1) < 0 && errno != EINTR) return;
        if (waiting[1].revents != 0) return;
        if (waiting[0].revents == 0) continue;
        const int client = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        serve_one(client);
        close(client);
    }
}

void ControlSocket::serve_one(int client)
{
    set_patience(client, patience_s);
    std::string line = receive(client, longest_line, true);
    const std::size_t end = line.find('\n');
    if (end == std::string::npos) {
        send_all(client, line.size() > longest_line ? "error the line is longer than 1000 bytes\n"
                                                    : "error the line has no end\n");
        return;
    }
    line.resize(end);
    const auto answer = answer_(line);
    send_all(client, answer ? "ok " + *answer + "\n" : "error " + answer.error() + "\n");
}

} // namespace asiowire
