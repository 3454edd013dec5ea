// SPDX-License-Identifier: MIT

#include "pipewire/config_watch.hpp"

#include "pipewire/config_files.hpp"

#include <cstddef>
#include <filesystem>
#include <sys/inotify.h>
#include <unistd.h>
#include <utility>

namespace asiowire {

namespace fs = std::filesystem;

namespace {

constexpr long quiet_ms = 200;

/// A file has changed when it has been closed or moved here. IN_CREATE comes with these, because a link
/// is nothing but created; who writes a new file for longer than the quiet time is read half way.
constexpr std::uint32_t entries = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                  IN_ATTRIB;
constexpr std::uint32_t itself = IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t births = IN_CREATE | IN_MOVED_TO;

constexpr char fragments_end[] = ".conf";
constexpr char anything[] = "";

bool counts(const std::set<std::string>& names, const std::string& name)
{
    return names.contains(name) || names.contains(anything) ||
           (names.contains(fragments_end) && name.ends_with(fragments_end));
}

} // namespace

ConfigWatch::ConfigWatch(pw_loop* loop, std::function<void()> changed)
    : loop_(loop), changed_(std::move(changed))
{
    timer_ = pw_loop_add_timer(
        loop_,
        [](void* self, std::uint64_t) {
            auto& watch = *static_cast<ConfigWatch*>(self);
            watch.arm(); // before reading: what changes from here on is noticed
            watch.changed_();
        },
        this);
    arm();
}

ConfigWatch::~ConfigWatch()
{
    disarm();
    if (timer_ != nullptr) pw_loop_destroy_source(loop_, timer_);
}

/// Watches everything anew: what is there now may not have been there before.
void ConfigWatch::arm()
{
    disarm();
    inotify_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (inotify_ < 0) return;
    const ConfigFolders folders = ConfigFolders::from_environment();
    for (const std::string& folder : folders.all()) watch_folder(folder);
    // Files themselves: a link's target lies in a folder that is not watched.
    for (const std::string& file : config_files(folders))
        add(file, IN_CLOSE_WRITE | IN_ATTRIB | itself, anything);
    source_ = pw_loop_add_io(
        loop_, inotify_, SPA_IO_IN, true,
        [](void* self, int file, std::uint32_t) {
            static_cast<ConfigWatch*>(self)->on_readable(file);
        },
        this);
    if (source_ == nullptr) close(std::exchange(inotify_, -1));
}

void ConfigWatch::disarm()
{
    if (source_ != nullptr) pw_loop_destroy_source(loop_, source_);
    source_ = nullptr;
    inotify_ = -1;
    names_.clear();
}

void ConfigWatch::watch_folder(const std::string& folder)
{
    const std::string fragments = folder + "/" + config_fragments;
    std::error_code failed;
    if (!fs::is_directory(folder, failed)) return watch_way_to(folder);
    add(folder, entries | IN_CREATE | itself | IN_ONLYDIR, config_name);
    add(folder, births | IN_ONLYDIR, config_fragments);
    if (fs::is_directory(fragments, failed))
        add(fragments, entries | IN_CREATE | itself | IN_ONLYDIR, fragments_end);
}

/// The nearest folder there is, for the next one on the way.
void ConfigWatch::watch_way_to(const std::string& folder)
{
    std::error_code failed;
    fs::path missing = folder;
    while (missing.has_relative_path() && !fs::is_directory(missing.parent_path(), failed))
        missing = missing.parent_path();
    add(missing.parent_path().string(), births | itself | IN_ONLYDIR, missing.filename().string());
}

void ConfigWatch::add(const std::string& path, std::uint32_t mask, const std::string& name)
{
    const int watch = inotify_add_watch(inotify_, path.c_str(), mask | IN_MASK_ADD);
    if (watch >= 0) names_[watch].insert(name);
}

void ConfigWatch::on_readable(int file)
{
    bool relevant = false;
    alignas(inotify_event) std::byte events[4096];
    for (ssize_t bytes = 0; (bytes = read(file, events, sizeof events)) > 0;) {
        for (ssize_t at = 0; at < bytes;) {
            const auto& event = *reinterpret_cast<const inotify_event*>(events + at);
            at += static_cast<ssize_t>(sizeof event + event.len);
            if ((event.mask & IN_IGNORED) != 0) continue;
            const auto watched = names_.find(event.wd);
            relevant |= watched == names_.end() || event.len == 0 ||
                        counts(watched->second, event.name);
        }
    }
    if (!relevant || timer_ == nullptr) return;
    timespec quiet{.tv_sec = 0, .tv_nsec = quiet_ms * SPA_NSEC_PER_MSEC};
    pw_loop_update_timer(loop_, timer_, &quiet, nullptr, false);
}

} // namespace asiowire
