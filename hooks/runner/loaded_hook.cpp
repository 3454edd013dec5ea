// SPDX-License-Identifier: MIT
#include "hooks/runner/loaded_hook.hpp"

#include <cstddef>
#include <dlfcn.h>

namespace asiowire::hooks {

std::expected<LoadedHook, std::string> LoadedHook::load(const std::string& path)
{
    void* const object = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (object == nullptr) return std::unexpected(dlerror());
    const auto entry = reinterpret_cast<decltype(&asiowire_hook)>(dlsym(object, "asiowire_hook"));
    if (entry == nullptr)
        return std::unexpected(path + " is no hook: it does not export asiowire_hook()");
    const AsioWireHook* const found = entry(ASIOWIRE_HOOK_ABI);
    if (found == nullptr)
        return std::unexpected(path + " does not work with a runner of hook ABI " +
                               std::to_string(ASIOWIRE_HOOK_ABI));
    if (found->abi != ASIOWIRE_HOOK_ABI)
        return std::unexpected(path + " was built for hook ABI " + std::to_string(found->abi) +
                               "; this runner has " + std::to_string(ASIOWIRE_HOOK_ABI));
    constexpr std::size_t least = offsetof(AsioWireHook, destroy) + sizeof(found->destroy);
    if (found->size < least || found->name == nullptr || found->create == nullptr ||
        found->process == nullptr || found->destroy == nullptr)
        return std::unexpected(path + " describes itself incompletely: size, name, create, process "
                                      "and destroy are needed");
    return LoadedHook(found);
}

std::expected<std::vector<AsioWireHookSetting>, std::string>
LoadedHook::settings(const std::vector<GivenSetting>& given) const
{
    std::vector<AsioWireHookSetting> all;
    std::string known;
    if (description_->settings != nullptr)
        for (const AsioWireHookSettingInfo* info = description_->settings; info->key != nullptr;
             info++) {
            all.push_back({info->key, info->default_value == nullptr ? "" : info->default_value});
            known += (known.empty() ? "" : ", ") + std::string(info->key);
        }
    for (const GivenSetting& setting : given) {
        bool taken = false;
        for (AsioWireHookSetting& one : all) {
            if (setting.key != one.key) continue;
            one.value = setting.value.c_str();
            taken = true;
        }
        if (!taken)
            return std::unexpected("there is no setting '" + setting.key + "'; there " +
                                   (known.empty() ? "are none" : "are " + known));
    }
    all.push_back({nullptr, nullptr});
    return all;
}

} // namespace asiowire::hooks
