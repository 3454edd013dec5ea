// SPDX-License-Identifier: MIT

#include "core/utf8.hpp"
#include "tools/asiowire/json.hpp"
#include "tools/asiowire/status.hpp"
#include "tools/asiowire/x32.hpp"

#include <algorithm>

namespace asiowire {

namespace {

/// A cell of a table. Units: characters, not bytes
std::string cell(std::string_view text, std::size_t width)
{
    std::string padded = clean(text);
    std::size_t characters = 0;
    for (std::string_view rest = padded; !rest.empty(); characters++)
        rest.remove_prefix(std::max<std::size_t>(utf8_character(rest), 1));
    padded.append(width > characters ? width - characters : 0, ' ');
    return padded + "  ";
}

/// Without the blanks that the last cell leaves.
std::string row(std::string cells)
{
    cells.erase(cells.find_last_not_of(' ') + 1);
    return cells + "\n";
}

JsonObject track_json(const TrackName& track)
{
    return JsonObject()
        .text("name", track.name)
        .text("colour", track.colour)
        .text("strip", track.strip)
        .text("signal", track.signal)
        .flag("by_order", track.by_order);
}

} // namespace

std::string x32_table(const X32Names& console)
{
    const X32Console who = console.console();
    std::string table = clean(who.model) + (who.name.empty() ? "" : " \"" + clean(who.name) + "\"") +
                        ", firmware " + clean(who.firmware) + "\n\n" +
                        row(cell("USB", 3) + cell("name", 14) + cell("colour", 16) +
                            cell("strip", 12) + "signal");
    int usb = 0;
    for (const TrackName& track : console.names())
        table += row(cell(std::to_string(++usb), 3) + cell(track.name, 14) +
                     cell(track.colour, 16) + cell(track.strip, 12) +
                     (track.by_order ? "not understood: in channel order" : track.signal));
    table += "\n" + row(cell("strip", 12) + cell("name", 14) + "colour");
    for (const X32Names::StripName& strip : console.strips())
        table += row(cell(strip.strip.label(), 12) + cell(strip.name, 14) + strip.colour);
    return table;
}

std::string x32_json(const X32Names& console)
{
    const X32Console who = console.console();
    const X32Counters counted = console.counters();
    const auto strip_json = [](const X32Names::StripName& strip) {
        return JsonObject()
            .text("strip", strip.strip.label())
            .text("name", strip.name)
            .text("colour", strip.colour)
            .done();
    };
    return JsonObject()
               .object("console", JsonObject()
                                      .flag("answers", console.in_contact())
                                      .text("name", who.name)
                                      .text("model", who.model)
                                      .text("firmware", who.firmware))
               .raw("tracks", json_array(console.names(),
                                         [](const TrackName& t) { return track_json(t).done(); }))
               .raw("strips", json_array(console.strips(), strip_json))
               .object("packets", JsonObject()
                                      .number("sent", counted.sent)
                                      .number("heard", counted.heard)
                                      .number("malformed", counted.malformed)
                                      .number("foreign", counted.foreign)
                                      .number("unanswered", counted.unanswered))
               .done() +
           "\n";
}

std::string rename_line(const Rename& rename, bool json)
{
    if (!json) return clean(rename.words()) + "\n";
    return JsonObject()
               .number("usb", static_cast<std::uint64_t>(rename.usb))
               .object("before", track_json(rename.before))
               .object("now", track_json(rename.now))
               .done() +
           "\n";
}

} // namespace asiowire
