// SPDX-License-Identifier: MIT

#include "tools/asiowire/status.hpp"

#include "core/sample_type.hpp"
#include "core/utf8.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <unistd.h>

namespace asiowire {

std::optional<StatusOptions> StatusOptions::of(const std::vector<std::string_view>& words)
{
    StatusOptions options;
    for (const std::string_view word : words) {
        if (word == "--json")
            options.json = true;
        else if (word == "--watch")
            options.watch = true;
        else
            return std::nullopt;
    }
    return options;
}

bool show_status(const StatusOptions& options)
{
    const bool to_screen = isatty(STDOUT_FILENO) != 0 && !options.json;
    for (;;) {
        const std::vector<FoundPage> pages = find_pages(status_folder());
        const bool any = std::any_of(pages.begin(), pages.end(),
                                     [](const FoundPage& page) { return page.alive; });
        if (options.watch && to_screen) std::fputs("\033[H\033[2J", stdout);
        const Recordings recordings = ask_recordings(pages);
        std::fputs((options.json ? as_json(pages, recordings) : as_table(pages, recordings)).c_str(),
                   stdout);
        std::fflush(stdout);
        if (!any)
            std::fputs(status_folder().empty()
                           ? "asiowire: XDG_RUNTIME_DIR names no folder to look into\n"
                           : "asiowire: no program has the driver open\n",
                       stderr);
        if (!options.watch || std::ferror(stdout) != 0) return any;
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
}

const char* state_word(const FoundPage& page, const PageFacts& facts)
{
    if (!page.alive) return "ended without closing";
    switch (facts.state) {
    case PageState::open: return "open";
    case PageState::prepared: return "stopped";
    case PageState::running: return "running";
    case PageState::hanging: return "host hangs";
    case PageState::stalled: return "graph stands still";
    case PageState::lost: return "audio thread lost";
    }
    return "unknown";
}

const char* sample_type_word(const PageFacts& facts)
{
    switch (static_cast<SampleType>(facts.sample_type)) {
    case SampleType::float32: return "float32";
    case SampleType::float64: return "float64";
    case SampleType::int16: return "int16";
    case SampleType::int24: return "int24";
    case SampleType::int32: return "int32";
    }
    return "unknown";
}

const char* schedule_word(const PageFacts& facts)
{
    return facts.buffered != 0 ? "buffered" : "synchronous";
}

std::string clean(std::string_view name)
{
    std::string cleaned;
    while (!name.empty()) {
        const std::size_t bytes = utf8_character(name);
        const auto first = static_cast<unsigned char>(name[0]);
        if (bytes == 0 || first < 0x20 || first == 0x7f)
            cleaned += '?';
        else
            cleaned += name.substr(0, bytes);
        name.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    return cleaned;
}

Times::Times(const Histogram& ns)
    : p50(static_cast<double>(ns.percentile(0.5)) / 1000),
      p99(static_cast<double>(ns.percentile(0.99)) / 1000),
      max(static_cast<double>(ns.percentile(1.0)) / 1000)
{
}

} // namespace asiowire
