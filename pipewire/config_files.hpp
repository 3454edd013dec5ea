// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace asiowire {

inline constexpr char config_name[] = "asiowire.conf";
inline constexpr char config_fragments[] = "asiowire.conf.d";

/// Folders in which PipeWire looks for configuration, whether they exist or not: what
/// PIPEWIRE_CONFIG_DIR names and nothing else, or the user's, the machine's, ours and PipeWire's own.
/// The most specific comes first.
///
/// [any-thread]
/// Source   PipeWire's own files for clients; tests/unit/test_config_files.cpp compares with
///          pw_conf_load_conf()
struct ConfigFolders {
    std::vector<std::string> users;    // of these, the first one that has fragments counts
    std::vector<std::string> machines; // of these, all count

    static ConfigFolders from_environment();

    /// The users', then the machine's.
    std::vector<std::string> all() const;
};

/// Paths in the order in which they are read, the least specific first: one asiowire.conf, the most
/// specific there is, and after it every folder's fragments in the order of their names.
/// [any-thread]
std::vector<std::string> config_files(const ConfigFolders& folders);

/// Reads a file into `text`; gives "", or why it cannot be read.
/// [any-thread]
std::string read_file(const std::string& path, std::string& text);

} // namespace asiowire
