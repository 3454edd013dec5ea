// SPDX-License-Identifier: MIT
#include "hooks/runner/local_socket.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <sys/un.h>

namespace asiowire::hooks {

std::string runner_socket(const std::string& folder)
{
    return folder + "/hooks.socket";
}

Fd local_socket(const std::string& path, bool bind_it)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return {};
    }
    path.copy(address.sun_path, path.size());
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto* const place = reinterpret_cast<const sockaddr*>(&address);
    const int failed = bind_it ? bind(socket.get(), place, sizeof address)
                               : connect(socket.get(), place, sizeof address);
    return failed == 0 ? std::move(socket) : Fd();
}

} // namespace asiowire::hooks
