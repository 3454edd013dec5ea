// SPDX-License-Identifier: MIT
#pragma once

#include "tests/scratch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace config_test {

/// A user's folder, an /etc and a /usr/share of a test's own, in one folder that goes with it; the environment's
/// part of PipeWire's search path leads into it.
class Tree : scratch::Folder {
public:
    Tree() : Folder("/tmp/asiowire-config")
    {
        setenv("HOME", (root + "/user").c_str(), 1);
        setenv("XDG_CONFIG_HOME", (root + "/xdg").c_str(), 1);
        unsetenv("PIPEWIRE_CONFIG_DIR");
        unsetenv("PIPEWIRE_NO_CONFIG");
    }

    /// Writes a file below the tree's root, folders included.
    void write(const std::string& path_below, const std::string& text) const
    {
        const std::filesystem::path whole = root + "/" + path_below;
        std::filesystem::create_directories(whole.parent_path());
        std::ofstream(whole) << text;
    }

    const std::string& root = path;
};

} // namespace config_test
