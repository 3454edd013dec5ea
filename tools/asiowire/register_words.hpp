// SPDX-License-Identifier: MIT
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace asiowire {

/// What follows register or unregister on the command line.
struct RegisterWords {
    std::filesystem::path prefix; // "" = the usual one
    std::string device;           // node of the card whose entry is meant; "" = the whole driver
    std::string name;             // of that entry
    std::string capture;          // node to record from, where it is not of the card

    /// [any-thread]  pure
    /// Errors   a sentence about a bad value; "" for words that mean nothing
    static std::expected<RegisterWords, std::string> of(const std::string& command,
                                                        const std::vector<std::string>& words);

    /// For the DLL's DllInstall; see asio/entry.hpp.
    /// [any-thread]  pure
    std::string install_words() const;
};

} // namespace asiowire
