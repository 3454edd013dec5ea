// SPDX-License-Identifier: MIT

#include "pipewire/delivery.hpp"

namespace asiowire {

std::string Delivery::look(const Forced& forced, const Forced& runs, std::uint64_t now_ns)
{
    constexpr std::uint64_t patience_ns = 500'000'000;
    if (forced != forced_ || runs != runs_) {
        forced_ = forced;
        runs_ = runs;
        since_ns_ = now_ns;
        judged_ = false;
    }
    if (judged_ || now_ns < since_ns_ + patience_ns) return {};
    judged_ = true;
    std::string sentence;
    const auto compare = [&](const char* what, std::uint32_t wanted, std::uint32_t has,
                             const char* consequence) {
        if (wanted == 0 || wanted == has) return;
        sentence += (sentence.empty() ? "the graph runs at " : ", and at ") + std::string(what) +
                    std::to_string(has) + " although " + std::to_string(wanted) + " is forced" +
                    consequence;
    };
    compare("quantum ", forced.quantum, runs.quantum, " (audio goes on, re-blocked)");
    compare("rate ", forced.rate, runs.rate, "");
    return sentence;
}

} // namespace asiowire
