// SPDX-License-Identifier: MIT

#include "taps/x32_routing.hpp"

#include <algorithm>
#include <array>

namespace asiowire {

namespace {

// The numbers of /config/userrout/out: the first of each kind.
constexpr int local = 1;
constexpr int aes50_a = 33;
constexpr int aes50_b = 81;
constexpr int card = 129;
constexpr int aux_in = 161;
constexpr int talkback = 167; // internal, external
constexpr int output = 169;
constexpr int p16 = 185;
constexpr int aux_out = 201;
constexpr int monitor = 207; // left, right
constexpr int last_input = 168;
constexpr int last_signal = 208;

// The blocks of /config/routing/CARD: first the sockets in the order of their numbers, then these.
constexpr int output_blocks = 20;
constexpr int aux_out_block = 24;
constexpr int aux_in_block = 25;
constexpr int user_out_blocks = 26;
constexpr int user_in_blocks = 32;
constexpr int last_block = 35;

// The blocks of /config/routing/IN: the sockets, then the user inputs.
constexpr int in_user_blocks = 20;
constexpr int in_last_block = 23;

std::string signal_words(int signal)
{
    const auto from = [signal](const char* word, int first) {
        return std::string(word) + " " + std::to_string(signal - first + 1);
    };
    if (signal == 0) return "off";
    if (signal < aes50_a) return from("Local", local);
    if (signal < aes50_b) return from("AES50-A", aes50_a);
    if (signal < card) return from("AES50-B", aes50_b);
    if (signal < aux_in) return from("Card", card);
    if (signal < talkback) return from("Aux in", aux_in);
    if (signal < output) return signal == talkback ? "Talkback internal" : "Talkback external";
    if (signal < p16) return from("Output", output);
    if (signal < aux_out) return from("P16", p16);
    if (signal < monitor) return from("Aux out", aux_out);
    return signal == monitor ? "Monitor L" : "Monitor R";
}

TrackName without_strip(std::string name)
{
    return {.name = std::move(name), .colour = {}, .strip = {}, .signal = {}, .by_order = false};
}

TrackName of_nothing(int usb) { return without_strip("USB " + two_digits(usb)); }

} // namespace

X32Routing::X32Routing(const X32Book& book) : book_(book)
{
    for (const Strip strip : all_strips()) {
        if (strip.kind != StripKind::channel && strip.kind != StripKind::aux_in) continue;
        const auto source = look_up(strip.address("source"), 64);
        inputs_.push_back({strip, source ? of_source(*source) : std::nullopt});
        inputs_known_ &= inputs_.back().fed_by.has_value();
    }
}

/// A number of the book, at most `last`; what is missing or strange is noted.
std::optional<int> X32Routing::look_up(const std::string& address, int last)
{
    const auto number = book_.number(address);
    if (!number) {
        lacking_.insert(address);
    } else if (*number < 0 || *number > last) {
        strange_.insert(address + " is " + std::to_string(*number));
        return std::nullopt;
    }
    return number;
}

/// One of the eight signals of a block, as the card and the AES50 outputs number them.
std::optional<X32Routing::Signal> X32Routing::of_block(int block, int offset)
{
    if (block < output_blocks) return local + 8 * block + offset;
    if (block < aux_out_block) return output + 8 * (block - output_blocks) + offset;
    if (block == aux_out_block) return aux_out + offset; // six, then the monitors
    if (block == aux_in_block) return aux_in + offset;   // six, then the talkbacks
    if (block < user_in_blocks)
        return look_up(user_output(8 * (block - user_out_blocks) + offset + 1), last_signal);
    return look_up(user_input(8 * (block - user_in_blocks) + offset + 1), last_input);
}

/// What reaches a strip through its source: 0 nothing, 1…32 inputs, 33…38 aux inputs; the rest (USB
/// player, effects, buses) comes from no socket and reads as nothing.
std::optional<X32Routing::Signal> X32Routing::of_source(int source)
{
    if (source == 0 || source > 38) return 0;
    if (source > 32) return of_aux_slot(source - 33);
    const int slot = source - 1;
    const auto block = look_up(input_block(slot / 8), in_last_block);
    if (!block) return std::nullopt;
    if (*block < in_user_blocks) return of_block(*block, slot % 8);
    return look_up(user_input(8 * (*block - in_user_blocks) + slot % 8 + 1), last_input);
}

/// The aux inputs' block: 0 their own sockets; then the first two, four or six of local, AES50-A,
/// AES50-B, card and user inputs. Those beyond are their own sockets.
std::optional<X32Routing::Signal> X32Routing::of_aux_slot(int slot)
{
    const auto block = look_up(aux_input_block(), 15);
    if (!block) return std::nullopt;
    const int from = (*block - 1) / 3;
    const int reach = *block == 0 ? 0 : 2 * ((*block - 1) % 3 + 1);
    if (slot >= reach) return aux_in + slot;
    constexpr std::array first{local, aes50_a, aes50_b, card};
    if (from < static_cast<int>(first.size()))
        return first[static_cast<std::size_t>(from)] + slot;
    return look_up(user_input(slot + 1), last_input);
}

TrackName X32Routing::track(int usb)
{
    const auto block = look_up(card_block((usb - 1) / 8), last_block);
    const auto signal = block ? of_block(*block, (usb - 1) % 8) : std::nullopt;
    if (!signal) return by_order(usb);

    TrackName found;
    if (*signal == 0)
        found = of_nothing(usb);
    else if (*signal <= last_input)
        found = of_socket(*signal, usb);
    else if (*signal < p16)
        found = of_output(output_source("main", *signal - output + 1), usb);
    else if (*signal < aux_out)
        found = of_output(output_source("p16", *signal - p16 + 1), usb);
    else if (*signal < monitor)
        found = of_output(output_source("aux", *signal - aux_out + 1), usb);
    else
        found = without_strip(signal_words(*signal));
    found.signal = signal_words(*signal);
    return found;
}

TrackName X32Routing::of_socket(Signal signal, int usb)
{
    const auto carrier = std::ranges::find_if(
        inputs_, [signal](const Input& input) { return input.fed_by == signal; });
    if (carrier != inputs_.end()) return of_strip(carrier->strip);
    // One of those that are not known may carry it.
    return inputs_known_ ? without_strip(signal_words(signal)) : by_order(usb);
}

/// What feeds an output, in the numbers of /outputs/…/src.
TrackName X32Routing::of_output(const std::string& address, int usb)
{
    const auto source = look_up(address, 76);
    if (!source) return by_order(usb);
    const auto strip = [&](StripKind kind, int first) {
        return of_strip({kind, *source - first + 1});
    };
    if (*source == 0) return of_nothing(usb);
    if (*source < 3) return of_strip({StripKind::main, 1}, *source == 1 ? " L" : " R");
    if (*source < 4) return strip(StripKind::mono, 3);
    if (*source < 20) return strip(StripKind::bus, 4);
    if (*source < 26) return strip(StripKind::matrix, 20);
    if (*source < 58) return strip(StripKind::channel, 26);
    if (*source < 66) return strip(StripKind::aux_in, 58);
    if (*source < 74) return strip(StripKind::fx_return, 66);
    if (*source < 76) return without_strip(*source == 74 ? "Monitor L" : "Monitor R");
    return without_strip("Talkback");
}

TrackName X32Routing::of_strip(Strip strip, const std::string& side) const
{
    return {.name = book_.name(strip) + side,
            .colour = book_.colour(strip),
            .strip = strip.label() + side,
            .signal = {},
            .by_order = false};
}

TrackName X32Routing::by_order(int usb) const
{
    TrackName track = of_strip({StripKind::channel, usb});
    track.signal = "unknown";
    track.by_order = true;
    return track;
}

} // namespace asiowire
