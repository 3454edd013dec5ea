// SPDX-License-Identifier: MIT
#include "hooks/runner/trusted_path.hpp"

#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace asiowire::hooks {

namespace {

/// `passed`: a folder on the way, in which a sticky bit keeps others from exchanging what is ours.
std::string complaint(const std::string& path, bool passed)
{
    struct stat facts{};
    if (lstat(path.c_str(), &facts) != 0) return path + ": " + std::strerror(errno);
    if (S_ISLNK(facts.st_mode)) return path + " is a symbolic link";
    if (facts.st_uid != geteuid() && facts.st_uid != 0)
        return path + " belongs to another user, who could change it";
    if ((facts.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
    if (passed && (facts.st_mode & S_ISVTX) != 0) return {};
    return path + " can be written by others (chmod go-w " + path + ")";
}

} // namespace

std::string who_else_can_write(const std::string& path)
{
    if (path.empty() || path[0] != '/') return path + " is no absolute path";
    if (std::string why = complaint(path, false); !why.empty()) return why;
    bool passed = false; // of its own folder: new files there may be headers that it includes
    for (std::size_t end = path.rfind('/'); end != std::string::npos;) {
        const std::string folder = end == 0 ? "/" : path.substr(0, end);
        if (std::string why = complaint(folder, passed); !why.empty()) return why;
        passed = true;
        if (end == 0) break;
        end = path.rfind('/', end - 1);
    }
    return {};
}

} // namespace asiowire::hooks
