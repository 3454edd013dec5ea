// SPDX-License-Identifier: MIT
#pragma once

#include "core/reblock.hpp"
#include "core/sample_type.hpp"
#include "pipewire/client_wishes.hpp"
#include "pipewire/realtime.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace asiowire {

inline constexpr std::uint32_t min_channels = 2;
inline constexpr std::uint32_t max_channels = 64;

/// When the host computes: inside the graph's cycle, or on a thread of its own with one block's time.
enum class Schedule { synchronous, buffered };

/// What the user asked for; 0 and "" mean "not asked". The keys of asiowire.conf are in settings.cpp,
/// and what they mean is in asiowire.conf itself.
struct Settings {
    std::string playback; // node whose input ports we play into
    std::string capture;  // node whose output or monitor ports we record from
    std::string card;     // a node of the card that both are of, unless they are named: DeviceEntry
    bool follow_default = true; // links go along when the default device becomes another one
    std::uint32_t inputs = 0;
    std::uint32_t outputs = 0;
    Frames block = 0;  // the preferred buffer size
    Realtime rt = Realtime::automatic;
    int priority = -1;           // exactly this SCHED_FIFO priority, 0 = ordinary; -1 = not asked
    std::vector<int> processors; // of the audio thread; empty = all
    SampleType sample_type = SampleType::float32;
    bool fixed_block = false; // offer the preferred buffer size alone
    Schedule schedule = Schedule::synchronous;
    int watchdog_ms = 100; // a callback longer than this hangs; 0 = never
    bool pin = false;      // force our block and rate on the whole graph
    std::string log;       // file
    bool hand_off = false; // force the fallback of the door

    // Of recordings made by a running driver.
    std::string record_inputs = "all";  // channels, "all" or "none"
    std::string record_outputs = "all"; // likewise
    std::string record_folder;          // where takes go
    bool record_automatic = false;      // from every start of the host
    int record_preroll = 0;             // seconds
    bool record_poly = false;           // one file with all channels
    int record_rotate = 0;              // seconds per file, 0 = one file
    bool record_hooks = false;          // what hooks publish goes into the take's folder, too

    ClientWishes wishes;   // PIPEWIRE_QUANTUM, PIPEWIRE_LATENCY, PIPEWIRE_RATE

    std::vector<std::string> remarks;            // one sentence per thing that was not usable
    std::map<std::string, std::string> named_by; // key → the variable, or file and key, that set it

    /// What the three of them come to.
    /// [any-thread]
    RealtimeWish realtime() const;

    /// [any-thread]
    /// Errors   an unusable value leaves what was there in place and a sentence in `remarks`
    static Settings from_environment();

    /// Lays the environment's values over what is there.
    /// [any-thread]
    /// Errors   as from_environment()
    void take_environment();
};

/// What an entry of its own in the hosts' list of devices stands for: it goes before the settings.
struct DeviceEntry {
    std::string device;  // a node of the card; "" = the entry of the default devices
    std::string capture; // the node to record from, if not one of the same card

    /// [any-thread]
    void lay_over(Settings& settings) const;
};

/// One thing that can be set, in a file under its name and in the environment under its variable().
struct SettingKey {
    const char* name;
    bool live; // a driver that is open takes it over; else the host has to open it anew
    std::string (*take)(std::string_view text, Settings& into); // "", or what is wrong with the text
    std::string (*tell)(const Settings& of);                    // the value, or what stands for it

    /// "asiowire.fixed-block" is ASIOWIRE_FIXED_BLOCK.
    std::string variable() const;
};

/// [any-thread]  pure; so are all that follow
std::span<const SettingKey> setting_keys();

/// Null when there is no such key.
const SettingKey* find_setting(std::string_view name);

/// Names of the keys in which two differ.
std::vector<std::string> differences(const Settings& one, const Settings& other);

/// Whether a host that has opened the driver with one must open it again for the other.
bool need_reset(const Settings& one, const Settings& other);

/// As much of a value as a sentence can carry.
std::string shortened(std::string_view text);

} // namespace asiowire
