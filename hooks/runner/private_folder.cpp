// SPDX-License-Identifier: MIT
#include "hooks/runner/private_folder.hpp"

#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace asiowire::hooks {

std::string make_private_folder(const std::string& path)
{
    // What fails on the way, the last one says.
    for (std::size_t end = 0; (end = path.find('/', end + 1)) != std::string::npos;)
        static_cast<void>(mkdir(path.substr(0, end).c_str(), 0700));
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return path + ": " + std::strerror(errno);
    struct stat facts{};
    if (lstat(path.c_str(), &facts) != 0) return path + ": " + std::strerror(errno);
    if (!S_ISDIR(facts.st_mode)) return path + " is no folder";
    if (facts.st_uid != geteuid()) return path + " belongs to another user";
    if ((facts.st_mode & 077) != 0)
        return path + " is open to others (chmod go= " + path + ")";
    return {};
}

} // namespace asiowire::hooks
