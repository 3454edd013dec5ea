// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace config_test {

/// A user's folder, an /etc and a /usr/share of a test's own, in one folder that goes with it; the environment's
/// part of PipeWire's search path leads into it.
class Tree {
public:
    Tree()
    {
        std::array<char, 64> name{"/tmp/asiowire-config-XXXXXX"};
        root = mkdtemp(name.data());
        setenv("HOME", (root + "/user").c_str(), 1);
        setenv("XDG_CONFIG_HOME", (root + "/xdg").c_str(), 1);
        unsetenv("PIPEWIRE_CONFIG_DIR");
        unsetenv("PIPEWIRE_NO_CONFIG");
    }
    ~Tree()
    {
        std::error_code ignored;
        std::filesystem::remove_all(root, ignored);
    }
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;

    /// Writes a file below the tree's root, folders included.
    void write(const std::string& path, const std::string& text) const
    {
        const std::filesystem::path whole = root + "/" + path;
        std::filesystem::create_directories(whole.parent_path());
        std::ofstream(whole) << text;
    }

    std::string root;
};

} // namespace config_test
