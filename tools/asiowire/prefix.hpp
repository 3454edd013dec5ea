// SPDX-License-Identifier: MIT
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace asiowire {

/// A Wine prefix and the Wine that serves it, as far as registering a DLL needs them.
class Prefix {
public:
    /// The prefix named, or WINEPREFIX, or ~/.wine.
    /// Errors   a sentence: there is no prefix, or no Wine
    static std::expected<Prefix, std::string> find(const std::filesystem::path& named);

    const std::filesystem::path& folder() const { return folder_; }

    /// One bitness of the driver in this prefix.
    struct Half {
        const char* name;               // "64-bit"
        std::filesystem::path source;   // the DLL as installed
        std::filesystem::path copy;     // where Wine's loader looks for the name
        std::filesystem::path regsvr32; // the program of the same bitness
    };

    /// The halves that this prefix can load. `library`: lib/wine of our own installation.
    std::vector<Half> halves(const std::filesystem::path& library) const;

    /// Runs regsvr32 on a copied DLL and says whether it agreed. words: for its DllInstall, which is
    /// called then, and nothing else of it; "" = for the DLL as such.
    bool call_regsvr32(const Half& half, const std::filesystem::path& library, bool remove,
                       const std::string& words = "") const;

private:
    Prefix(std::filesystem::path folder, std::filesystem::path loader)
        : folder_(std::move(folder)), loader_(std::move(loader))
    {
    }

    std::filesystem::path folder_;
    std::filesystem::path loader_;
};

} // namespace asiowire
