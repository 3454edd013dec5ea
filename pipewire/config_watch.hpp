// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <pipewire/pipewire.h>
#include <set>
#include <string>

namespace asiowire {

/// Notices, on the main loop, when configuration files change, appear or go, and folders that hold
/// them, too.
class ConfigWatch {
public:
    /// `changed` is called once things have been quiet for a moment, so that a burst of writes is one
    /// change; on the main loop.
    /// [any-thread, loop locked]
    /// Errors   where the kernel has no watch to give, nothing is noticed
    ConfigWatch(pw_loop* loop, std::function<void()> changed);

    /// [any-thread, loop locked]
    ~ConfigWatch();
    ConfigWatch(const ConfigWatch&) = delete;
    ConfigWatch& operator=(const ConfigWatch&) = delete;

private:
    void arm();
    void disarm();
    void watch_folder(const std::string& folder);
    void watch_way_to(const std::string& folder);
    void add(const std::string& path, std::uint32_t mask, const std::string& name);
    void on_readable(int file);

    pw_loop* const loop_;
    const std::function<void()> changed_;
    spa_source* timer_ = nullptr;
    spa_source* source_ = nullptr;
    int inotify_ = -1;                          // closed with source_
    std::map<int, std::set<std::string>> names_; // by watch: what counts in it, or ".conf", or all: ""
};

} // namespace asiowire
