// SPDX-License-Identifier: MIT

#include "pipewire/config.hpp"

#include "pipewire/config_text.hpp"
#include "pipewire/handles.hpp"

#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

namespace asiowire {

namespace {

constexpr char properties_section[] = "asiowire.properties";
constexpr char rules_section[] = "asiowire.rules";

using Properties = std::unique_ptr<pw_properties, FreeWith<pw_properties_free>>;

/// A path for a sentence that hosts show in 124 bytes: its end says the most.
std::string for_people(std::string path)
{
    constexpr std::size_t longest = 48;
    const char* const home = std::getenv("HOME");
    if (home != nullptr && *home != '\0' && path.starts_with(std::string(home) + "/"))
        path.replace(0, std::string_view(home).size(), "~");
    if (path.size() > longest) path = "…" + path.substr(path.size() - longest);
    return path;
}

/// Values by key, from the least specific source to the most specific one.
class Layers {
public:
    explicit Layers(std::vector<std::string>& remarks) : remarks_(remarks) {}

    /// Lays one object of a file over what is there. `null` takes away what less specific ones said.
    void add(const std::string& path, std::string_view object)
    {
        const Properties merged(pw_properties_new(nullptr, nullptr));
        if (!merged) return;
        for (const auto& [key, value] : values_)
            pw_properties_set(merged.get(), key.c_str(), value.text.c_str());
        const std::string text(object); // PipeWire wants a length and no more, but has not always
        pw_properties_update_string(merged.get(), text.c_str(), text.size());
        std::erase_if(values_, [&](const auto& value) {
            return pw_properties_get(merged.get(), value.first.c_str()) == nullptr;
        });
        const spa_dict_item* item = nullptr;
        spa_dict_for_each(item, &merged->dict) consider(path, item->key, item->value);
    }

    Settings settings() const
    {
        Settings settings;
        for (const auto& [key, value] : values_) {
            find_setting(key)->take(value.text, settings);
            settings.named_by[key] = value.source;
        }
        return settings;
    }

private:
    struct Value {
        std::string text;
        std::string source;
    };

    void consider(const std::string& path, const std::string& key, const std::string& text)
    {
        const std::string source = for_people(path) + ": " + key;
        const SettingKey* const known = find_setting(key);
        if (known == nullptr) {
            remarks_.push_back(source + " is unknown");
            return;
        }
        const auto before = values_.find(key);
        if (before != values_.end() && before->second.text == text) return;
        Settings trial = settings();
        const std::string wrong = known->take(text, trial);
        if (wrong.empty())
            values_[key] = {text, source};
        else
            remarks_.push_back(source + " = " + shortened(text) + " " + wrong + "; using " +
                               known->tell(trial));
    }

    std::map<std::string, Value> values_;
    std::vector<std::string>& remarks_;
};

struct Rules {
    std::string path;
    std::string text;
};

/// What a rule that matches asks for.
int act(void* data, const char* location, const char* action, const char* object,
        std::size_t bytes)
{
    auto& [layers, remarks] = *static_cast<std::pair<Layers&, std::vector<std::string>&>*>(data);
    if (std::string_view(action) == "update-props")
        layers.add(location, {object, bytes});
    else
        remarks.push_back(for_people(location) + ": the action " + shortened(action) +
                          " is unknown; update-props is");
    return 0;
}

void apply(const Rules& rules, const std::string& program, Layers& layers,
           std::vector<std::string>& remarks)
{
    const std::array<spa_dict_item, 2> items = {{
        {.key = PW_KEY_APP_PROCESS_BINARY, .value = program.c_str()},
        {.key = PW_KEY_APP_NAME, .value = program.c_str()},
    }};
    const spa_dict about = {.flags = 0, .n_items = items.size(), .items = items.data()};
    std::pair<Layers&, std::vector<std::string>&> target(layers, remarks);
    pw_conf_match_rules(rules.text.c_str(), rules.text.size(), rules.path.c_str(), &about, &act,
                        &target);
}

} // namespace

Config Config::read(const std::string& program, const ConfigFolders& folders)
{
    static std::once_flag initialised;
    std::call_once(initialised, [] { pw_init(nullptr, nullptr); }); // counted: others may do so, too

    Config config{.settings = {}, .files = config_files(folders)};
    std::vector<std::string> remarks;
    Layers layers(remarks);
    std::vector<Rules> all_rules;
    for (const std::string& path : config.files) {
        std::string text;
        std::string wrong = read_file(path, text);
        if (wrong.empty()) wrong = fault_in(text);
        if (!wrong.empty()) {
            remarks.push_back(for_people(path) + ": " + wrong + "; the file is not used");
            config.sound = false;
            continue;
        }
        const Properties sections(pw_properties_new(nullptr, nullptr));
        if (!sections) continue;
        pw_properties_update_string(sections.get(), text.c_str(), text.size());
        const spa_dict_item* item = nullptr;
        spa_dict_for_each(item, &sections->dict)
        {
            const std::string_view section = item->key;
            const std::string_view value = item->value;
            if (section == properties_section && value.starts_with('{'))
                layers.add(path, value);
            else if (section == rules_section && value.starts_with('['))
                all_rules.push_back({path, std::string(value)});
            else
                remarks.push_back(for_people(path) + ": the section " + shortened(section) +
                                  (section == properties_section ? " is not within { }"
                                   : section == rules_section    ? " is not within [ ]"
                                                                 : " is unknown"));
        }
    }
    for (const Rules& rules : all_rules) apply(rules, program, layers, remarks);
    config.settings = layers.settings();
    config.settings.remarks = std::move(remarks);
    config.settings.take_environment();
    return config;
}

} // namespace asiowire
