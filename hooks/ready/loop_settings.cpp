// SPDX-License-Identifier: MIT
#include "hooks/ready/loop_settings.hpp"

#include "hooks/ready/ready.h"
#include "hooks/ready/sweep_words.h"
#include "hooks/volterra_sweep.hpp"

#include <algorithm>
#include <cstdarg>
#include <string>

namespace asiowire {

namespace {

/// Seconds kept from before a sweep, besides two periods for finding its place: the noise.
constexpr double quiet_seconds = 0.25;
/// Of the responses' windows the longest that the sweep's duration allows is taken; what is told of
/// twice the first frequency needs so many of its periods.
constexpr std::size_t most_taps_at_48k = 16384;
constexpr double least_periods = 5;

const char* text_of(const AsioWireHookSetting* settings, const char* key)
{
    for (; settings->key != nullptr; settings++)
        if (strcmp(settings->key, key) == 0) return settings->value;
    return "";
}

class Pairing {
public:
    Pairing(const AsioWireHookHost* host, const AsioWireHookStream* stream, const LoopPlan& plan,
            std::vector<LoopWatch>& watches)
        : host_(host), stream_(stream), plan_(plan), watches_(watches)
    {}

    bool by_number()
    {
        for (std::uint32_t c = 0; c < stream_->channels; c++) {
            const std::string out = stream_->names[c];
            if (out.starts_with("out_") && find("in_" + out.substr(4)) < stream_->channels)
                add(out, "in_" + out.substr(4));
        }
        if (!watches_.empty()) return true;
        loop_say(host_, ASIOWIRE_HOOK_ERROR,
                 "no output is heard together with the input of its number; name them: "
                 "pairs=out_1:in_2");
        return false;
    }

    /// Errors   an error event
    bool by_words(const std::string& words)
    {
        for (std::size_t begin = 0; begin <= words.size();) {
            const std::size_t end = std::min(words.find(',', begin), words.size());
            const std::string pair = words.substr(begin, end - begin);
            const std::size_t colon = pair.find(':');
            if (colon == std::string::npos) return refuse(pair, "OUTPUT:INPUT is needed");
            const std::string out = pair.substr(0, colon), in = pair.substr(colon + 1);
            for (const std::string& name : {out, in})
                if (find(name) == stream_->channels)
                    return refuse(pair, "no channel '" + name + "' is heard; there are " +
                                            stream_->names[0] + " to " +
                                            stream_->names[stream_->channels - 1]);
            if (std::find(inputs_.begin(), inputs_.end(), in) != inputs_.end())
                return refuse(pair, in + " is named twice; a second hook with name= can have it");
            add(out, in);
            begin = end + 1;
        }
        return true;
    }

private:
    bool refuse(const std::string& pair, const std::string& why)
    {
        loop_say(host_, ASIOWIRE_HOOK_ERROR, "pairs=%.60s: %.400s", pair.c_str(), why.c_str());
        return false;
    }

    std::uint32_t find(const std::string& name) const
    {
        std::uint32_t c = 0;
        while (c < stream_->channels && name != stream_->names[c])
            c++;
        return c;
    }

    void add(const std::string& out, const std::string& in)
    {
        inputs_.push_back(in);
        for (LoopWatch& watch : watches_)
            if (watch.output() == out) return watch.add_input(in, find(in));
        watches_.emplace_back(plan_, out, find(out)).add_input(in, find(in));
    }

    const AsioWireHookHost* host_;
    const AsioWireHookStream* stream_;
    const LoopPlan& plan_;
    std::vector<LoopWatch>& watches_;
    std::vector<std::string> inputs_;
};

} // namespace

void loop_say(const AsioWireHookHost* host, int32_t level, const char* format, ...)
{
    char text[ASIOWIRE_HOOK_TEXT_BYTES];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    host->publish_event(host, level, text);
}

bool loop_plan(const AsioWireHookHost* host, const AsioWireHookSetting* settings,
               std::uint32_t rate, LoopPlan& plan)
{
    VolterraSweepConfig& sweep = plan.sweep;
    double orders = 0;
    double delay_ms = 0;
    sweep.rate = rate;
    sweep.amplitude = 1;
    if (!ready_number(host, settings, "f1", SWEEP_F1_LEAST, SWEEP_F1_MOST, &sweep.first) ||
        !ready_number(host, settings, "f2", SWEEP_F2_LEAST, SWEEP_F2_MOST, &sweep.last) ||
        !ready_number(host, settings, "seconds", SWEEP_SECONDS_LEAST, SWEEP_SECONDS_MOST,
                      &sweep.seconds) ||
        !ready_number(host, settings, "orders", 1, 5, &orders) ||
        !ready_number(host, settings, "hz", SWEEP_F1_LEAST, SWEEP_F2_MOST, &plan.reference_hz) ||
        !ready_number(host, settings, "delay_ms", 0, 5000, &delay_ms))
        return false;
    const auto refuse = [&](auto... words) {
        loop_say(host, ASIOWIRE_HOOK_ERROR, words...);
        return false;
    };
    if (sweep.last < SWEEP_F2_OVER_F1 * sweep.first)
        return refuse("f2=%g: at least %g times f1=%g is needed", sweep.last, SWEEP_F2_OVER_F1,
                      sweep.first);
    if (sweep.last >= sweep.rate / 2)
        return refuse("f2=%g: below half the rate of %u Hz is needed", sweep.last, rate);
    if (plan.reference_hz < 2 * sweep.first || plan.reference_hz > 0.9 * sweep.last)
        return refuse("hz=%g: from %g to %g is needed, twice f1 to 0.9 f2", plan.reference_hz,
                      2 * sweep.first, 0.9 * sweep.last);
    sweep.harmonics = static_cast<std::size_t>(orders);
    // In seconds the same at every rate.
    const std::size_t scale = rate >= 150000 ? 4 : rate >= 75000 ? 2 : 1;
    for (sweep.taps = most_taps_at_48k * scale;; sweep.taps /= 2) {
        sweep.lead = sweep.taps / 4;
        const double least = VolterraSweep::least_seconds(sweep);
        if (least <= sweep.seconds) break;
        if (static_cast<double>(sweep.taps / 2) < least_periods * sweep.rate / (2 * sweep.first))
            return refuse("seconds=%g: at least %.2f is needed to keep %zu orders apart",
                          sweep.seconds, least, sweep.harmonics);
    }
    plan.templates = loop_templates(sweep);
    plan.sweep_frames = VolterraExcitation(sweep).frames();
    plan.patience = static_cast<std::size_t>(2 * sweep.rate / sweep.first);
    plan.before = static_cast<std::size_t>(quiet_seconds * sweep.rate) + plan.patience;
    plan.most_delay = static_cast<std::size_t>(delay_ms / 1000 * sweep.rate);
    return true;
}

bool loop_watches(const AsioWireHookHost* host, const AsioWireHookStream* stream,
                  const AsioWireHookSetting* settings, const LoopPlan& plan,
                  std::vector<LoopWatch>& watches)
{
    Pairing pairing(host, stream, plan, watches);
    const std::string pairs = text_of(settings, "pairs");
    return pairs.empty() ? pairing.by_number() : pairing.by_words(pairs);
}

} // namespace asiowire
