// SPDX-License-Identifier: MIT

#include "pipewire/settings.hpp"

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace asiowire {

namespace {

std::string_view variable(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

template <class Number>
void read_number(const char* name, Number low, Number high, const char* used_instead,
                 Number& into, std::vector<std::string>& remarks)
{
    const std::string_view text = variable(name);
    if (text.empty()) return;
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && number >= low &&
        number <= high) {
        into = number;
        return;
    }
    remarks.push_back(std::string(name) + "=" + std::string(text.substr(0, 24)) + " is not within " +
                      std::to_string(low) + "…" + std::to_string(high) + "; using " + used_instead);
}

template <class Value> struct Word {
    const char* word;
    Value value;
};

/// The first word is the default.
template <class Value, std::size_t n>
void read_word(const char* name, const Word<Value> (&words)[n], Value& into,
               std::vector<std::string>& remarks)
{
    const std::string_view text = variable(name);
    if (text.empty()) return;
    std::string known;
    for (const Word<Value>& word : words) {
        if (text == word.word) {
            into = word.value;
            return;
        }
        known += (known.empty() ? "" : ", ") + std::string(word.word);
    }
    remarks.push_back(std::string(name) + "=" + std::string(text.substr(0, 24)) + " is none of " +
                      known + "; using " + words[0].word);
}

constexpr Word<SampleType> sample_type_words[] = {
    {"float32", SampleType::float32}, {"float64", SampleType::float64},
    {"int16", SampleType::int16},     {"int24", SampleType::int24},
    {"int32", SampleType::int32},
};
constexpr Word<Schedule> schedule_words[] = {
    {"synchronous", Schedule::synchronous},
    {"buffered", Schedule::buffered},
};
constexpr Word<bool> switch_words[] = {{"0", false}, {"1", true}};
constexpr Word<Realtime> realtime_words[] = {
    {"auto", Realtime::automatic}, {"on", Realtime::on}, {"off", Realtime::off}};
constexpr int longest_watchdog_ms = 60'000;

/// Priority 0 is another word for off.
void read_realtime(RealtimeWish& wish, std::vector<std::string>& remarks)
{
    read_word("ASIOWIRE_RT", realtime_words, wish.mode, remarks);
    int priority = -1;
    read_number("ASIOWIRE_RT_PRIORITY", 0, 98, "the usual", priority, remarks);
    if (priority == 0) wish.mode = Realtime::off;
    if (priority > 0) wish.priority = priority;
    const std::string processors(variable("ASIOWIRE_AFFINITY"));
    wish.processors = processor_list(processors);
    if (!processors.empty() && wish.processors.empty())
        remarks.push_back("ASIOWIRE_AFFINITY=" + processors.substr(0, 24) +
                          " is no list of processors as in 2,4-6; using all");
}

} // namespace

Settings Settings::from_environment()
{
    Settings settings;
    settings.playback = variable("ASIOWIRE_PLAYBACK");
    settings.capture = variable("ASIOWIRE_CAPTURE");
    auto& remarks = settings.remarks;
    read_number("ASIOWIRE_INPUTS", min_channels, max_channels, "the device's", settings.inputs,
                remarks);
    read_number("ASIOWIRE_OUTPUTS", min_channels, max_channels, "the device's", settings.outputs,
                remarks);
    read_number("ASIOWIRE_BLOCK", min_block, max_block, "the graph's quantum", settings.block,
                remarks);
    read_realtime(settings.realtime, remarks);
    read_word("ASIOWIRE_SAMPLE_TYPE", sample_type_words, settings.sample_type, remarks);
    read_word("ASIOWIRE_FIXED_BLOCK", switch_words, settings.fixed_block, remarks);
    read_word("ASIOWIRE_SCHEDULE", schedule_words, settings.schedule, remarks);
    read_number("ASIOWIRE_WATCHDOG_MS", 0, longest_watchdog_ms, "100", settings.watchdog_ms,
                remarks);
    read_word("ASIOWIRE_PIN", switch_words, settings.pin, remarks);
    settings.wishes = ClientWishes::from_environment(remarks);
    read_word("ASIOWIRE_HAND_OFF", switch_words, settings.hand_off, remarks);
    return settings;
}

} // namespace asiowire
