// SPDX-License-Identifier: MIT
// What becomes of a configuration that changes while the driver is open. On the main loop.

#include "pipewire/config.hpp"
#include "pipewire/engine.hpp"
#include "pipewire/log.hpp"

namespace asiowire {

/// Takes over what an open driver can take over, and has the host reset when there is more to it.
/// `settings_` stay what they were at open, whatever happens: the host and its threads go by them.
void Engine::reload()
{
    if (abandoned_) return;
    Config config = Config::read(program_);
    entry_.lay_over(config.settings);
    const Settings& next = config.settings;
    if (next.remarks != latest_.remarks)
        for (const std::string& remark : next.remarks) log(LogLevel::warning, remark);
    if (!config.sound) {
        if (next.remarks != latest_.remarks)
            log(LogLevel::warning, "the settings stay as they were until that is mended");
        latest_.remarks = next.remarks;
        return;
    }
    std::string changed;
    for (const std::string& key : differences(latest_, next))
        changed += (changed.empty() ? "" : ", ") + key;
    const bool is_new = need_reset(latest_, next);
    latest_ = next;
    take_live(next);
    follow_graph(); // the preferred block
    const bool reset = is_new && need_reset(configured_, next);
    if (!changed.empty())
        log(LogLevel::info, "the configuration has changed: " + changed +
                                (reset ? "; the host is asked to reset" : "; nothing to reset"));
    if (!is_new) return;
    const std::lock_guard guard(events_mutex_);
    reset_wanted_ = reset;
    events_wake_.release();
}

/// Also before anything runs: log and watchdog are the same at open and later.
void Engine::take_live(const Settings& next)
{
    log_into(next.log);
    watchdog_ms_ = next.watchdog_ms;
    if (!settings_.fixed_block) live_block_ = next.block; // the host knows of no other then
}

} // namespace asiowire
