// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/asiowire_hook.h"

#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace asiowire::hooks {

/// Settings as given: key=value, taken apart.
struct GivenSetting {
    std::string key;
    std::string value;
};

/// A hook's shared object, loaded and found usable. It is never unloaded: what it left running in
/// its process (threads, atexit) would lose its code.
/// [hook-thread & described]
class LoadedHook {
public:
    /// Errors   a sentence: it cannot be loaded, is no hook, or one for another version
    static std::expected<LoadedHook, std::string> load(const std::string& path);

    const AsioWireHook& description() const { return *description_; }

    /// Every setting described, as given or by default, ending with a NULL key; the pointers are good
    /// as long as `given` and the hook.
    /// Errors   a sentence: a key that is not described, with those that are
    std::expected<std::vector<AsioWireHookSetting>, std::string>
    settings(const std::vector<GivenSetting>& given) const;

private:
    explicit LoadedHook(const AsioWireHook* description) : description_(description) {}
    const AsioWireHook* description_;
};

} // namespace asiowire::hooks
