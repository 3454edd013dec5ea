// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/config_files.hpp"
#include "pipewire/settings.hpp"

#include <string>
#include <vector>

namespace asiowire {

/// What the files and the environment say for one program, at one moment.
struct Config {
    Settings settings;
    std::vector<std::string> files; // that were looked at, in their order
    bool sound = true;              // every one of them could be read to its end

    /// Reads asiowire.conf and its fragments: properties first, then the rules that match the program,
    /// then the environment; what comes later wins.
    ///
    /// [any-thread but the audio thread]
    /// Errors   what is unknown or unusable leaves the less specific value in place and a sentence with
    ///          file and key in the settings' remarks; a file that is broken is left out as a whole
    /// Source   pw_properties_update_string() and pw_conf_match_rules() do the reading
    static Config read(const std::string& program,
                       const ConfigFolders& folders = ConfigFolders::from_environment());
};

} // namespace asiowire
