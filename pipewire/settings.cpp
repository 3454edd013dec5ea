// SPDX-License-Identifier: MIT

#include "pipewire/settings.hpp"

#include "taps/channel_list.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

namespace asiowire {

namespace {

template <auto member> std::string take_text(std::string_view text, Settings& into)
{
    into.*member = text;
    return "";
}

template <auto member, const char* unset> std::string tell_text(const Settings& of)
{
    return (of.*member).empty() ? unset : of.*member;
}

template <auto member, long long low, long long high>
std::string take_number(std::string_view text, Settings& into)
{
    long long number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < low || number > high)
        return "is not within " + std::to_string(low) + "…" + std::to_string(high);
    into.*member = static_cast<std::remove_reference_t<decltype(into.*member)>>(number);
    return "";
}

template <auto member> std::string tell_number(const Settings& of)
{
    return std::to_string(of.*member);
}

template <auto member, const char* unset> std::string tell_asked(const Settings& of)
{
    return of.*member == 0 ? unset : std::to_string(of.*member);
}

template <class Value> struct Word {
    const char* word;
    Value value;
};

template <auto member, const auto& words>
std::string take_word(std::string_view text, Settings& into)
{
    std::string known;
    for (const auto& word : words) {
        if (text == word.word) {
            into.*member = word.value;
            return "";
        }
        known += (known.empty() ? "" : ", ") + std::string(word.word);
    }
    return "is none of " + known;
}

/// The first of several words for one value.
template <auto member, const auto& words> std::string tell_word(const Settings& of)
{
    for (const auto& word : words)
        if (of.*member == word.value) return word.word;
    return "";
}

constexpr Word<SampleType> sample_types[] = {
    {"float32", SampleType::float32}, {"float64", SampleType::float64},
    {"int16", SampleType::int16},     {"int24", SampleType::int24},
    {"int32", SampleType::int32},
};
constexpr Word<Schedule> schedules[] = {
    {"synchronous", Schedule::synchronous},
    {"buffered", Schedule::buffered},
};
constexpr Word<bool> switches[] = {{"0", false}, {"1", true}, {"false", false}, {"true", true}};
constexpr Word<Realtime> realtimes[] = {
    {"auto", Realtime::automatic}, {"on", Realtime::on}, {"off", Realtime::off}};

std::string take_processors(std::string_view text, Settings& into)
{
    std::vector<int> processors = processor_list(std::string(text));
    if (processors.empty()) return "is no list of processors as in 2,4-6";
    into.processors = std::move(processors);
    return "";
}

std::string tell_processors(const Settings& of)
{
    std::string list;
    for (const int processor : of.processors)
        list += (list.empty() ? "" : ",") + std::to_string(processor);
    return list.empty() ? "all" : list;
}

std::string tell_priority(const Settings& of)
{
    return of.priority < 0 ? "the usual" : std::to_string(of.priority);
}

template <auto member> std::string take_channels(std::string_view text, Settings& into)
{
    if (text != "all" && text != "none")
        if (!parse_channels(text, max_channels))
            return "is no list of channels up to 64, such as 1-8,31";
    into.*member = text;
    return "";
}

constexpr char the_default_sink[] = "the default sink";
constexpr char the_default_source[] = "the default source";
constexpr char the_devices[] = "the device's";
constexpr char the_quantum[] = "the graph's quantum";
constexpr char none[] = "none";
constexpr char at_home[] = "AsioWire in the home folder";

constexpr int longest_watchdog_ms = 60'000;
constexpr int highest_priority = 98;
constexpr int longest_preroll_s = 60;
constexpr int longest_rotation_s = 86'400;

using S = Settings;
constexpr SettingKey keys[] = {
    {"asiowire.playback", false, take_text<&S::playback>,
     tell_text<&S::playback, the_default_sink>},
    {"asiowire.capture", false, take_text<&S::capture>,
     tell_text<&S::capture, the_default_source>},
    {"asiowire.follow-default", false, take_word<&S::follow_default, switches>,
     tell_word<&S::follow_default, switches>},
    {"asiowire.inputs", false, take_number<&S::inputs, min_channels, max_channels>,
     tell_asked<&S::inputs, the_devices>},
    {"asiowire.outputs", false, take_number<&S::outputs, min_channels, max_channels>,
     tell_asked<&S::outputs, the_devices>},
    {"asiowire.block", true, take_number<&S::block, min_block, max_block>,
     tell_asked<&S::block, the_quantum>},
    {"asiowire.fixed-block", false, take_word<&S::fixed_block, switches>,
     tell_word<&S::fixed_block, switches>},
    {"asiowire.sample-type", false, take_word<&S::sample_type, sample_types>,
     tell_word<&S::sample_type, sample_types>},
    {"asiowire.schedule", false, take_word<&S::schedule, schedules>,
     tell_word<&S::schedule, schedules>},
    {"asiowire.watchdog-ms", true, take_number<&S::watchdog_ms, 0, longest_watchdog_ms>,
     tell_number<&S::watchdog_ms>},
    {"asiowire.rt", false, take_word<&S::rt, realtimes>, tell_word<&S::rt, realtimes>},
    {"asiowire.rt-priority", false, take_number<&S::priority, 0, highest_priority>, tell_priority},
    {"asiowire.affinity", false, take_processors, tell_processors},
    {"asiowire.pin", false, take_word<&S::pin, switches>, tell_word<&S::pin, switches>},
    {"asiowire.log", true, take_text<&S::log>, tell_text<&S::log, none>},
    {"asiowire.record.inputs", false, take_channels<&S::record_inputs>,
     tell_text<&S::record_inputs, none>},
    {"asiowire.record.outputs", false, take_channels<&S::record_outputs>,
     tell_text<&S::record_outputs, none>},
    {"asiowire.record.folder", false, take_text<&S::record_folder>,
     tell_text<&S::record_folder, at_home>},
    {"asiowire.record.automatic", false, take_word<&S::record_automatic, switches>,
     tell_word<&S::record_automatic, switches>},
    {"asiowire.record.preroll", false, take_number<&S::record_preroll, 0, longest_preroll_s>,
     tell_number<&S::record_preroll>},
    {"asiowire.record.poly", false, take_word<&S::record_poly, switches>,
     tell_word<&S::record_poly, switches>},
    {"asiowire.record.rotate", false, take_number<&S::record_rotate, 0, longest_rotation_s>,
     tell_number<&S::record_rotate>},
    {"asiowire.record.hooks", false, take_word<&S::record_hooks, switches>,
     tell_word<&S::record_hooks, switches>},
    {"asiowire.hand-off", false, take_word<&S::hand_off, switches>,
     tell_word<&S::hand_off, switches>},
};

} // namespace

std::string SettingKey::variable() const
{
    std::string made = name;
    for (char& c : made)
        c = c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(c));
    return made;
}

std::span<const SettingKey> setting_keys()
{
    return keys;
}

const SettingKey* find_setting(std::string_view name)
{
    const auto* const found =
        std::ranges::find_if(keys, [&](const SettingKey& key) { return name == key.name; });
    return found == std::end(keys) ? nullptr : found;
}

std::vector<std::string> differences(const Settings& one, const Settings& other)
{
    std::vector<std::string> found;
    for (const SettingKey& key : keys)
        if (key.tell(one) != key.tell(other)) found.emplace_back(key.name);
    return found;
}

bool need_reset(const Settings& one, const Settings& other)
{
    for (const SettingKey& key : keys)
        if (!key.live && key.tell(one) != key.tell(other)) return true;
    return one.fixed_block && one.block != other.block; // the host was told of no other size
}

std::string shortened(std::string_view text)
{
    constexpr std::size_t longest = 24;
    return std::string(text.substr(0, longest));
}

void Settings::take_environment()
{
    for (const SettingKey& key : keys) {
        const std::string variable = key.variable();
        const char* const text = std::getenv(variable.c_str());
        if (text == nullptr || *text == '\0') continue;
        const std::string wrong = key.take(text, *this);
        if (wrong.empty())
            named_by[key.name] = variable;
        else
            remarks.push_back(variable + "=" + shortened(text) + " " + wrong + "; using " +
                              key.tell(*this));
    }
    wishes = ClientWishes::from_environment(remarks);
}

void DeviceEntry::lay_over(Settings& settings) const
{
    if (device.empty()) return;
    settings.card = device;
    settings.playback.clear();
    settings.capture = capture;
    settings.named_by["asiowire.capture"] = "the ASIO entry";
}

/// Priority 0 is another word for off.
RealtimeWish Settings::realtime() const
{
    return {.mode = priority == 0 ? Realtime::off : rt,
            .priority = std::max(priority, 0),
            .processors = processors};
}

Settings Settings::from_environment()
{
    Settings settings;
    settings.take_environment();
    return settings;
}

} // namespace asiowire
