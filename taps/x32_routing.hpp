// SPDX-License-Identifier: MIT
#pragma once

#include "taps/x32_book.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace asiowire {

/// The console's card carries this many channels each way.
inline constexpr int card_channels = 32;

/// What a channel of the console's USB card is called.
struct TrackName {
    std::string name;      ///< never empty: the strip's, else where the signal comes from
    std::string colour;    ///< of the strip, in words; empty without a strip
    std::string strip;     ///< "Ch 05", "Main L"; empty when no strip stands for the signal
    std::string signal;    ///< what the card is given: "Local 5", "Output 3", "off"
    bool by_order = false; ///< the routing was not understood: this is the channel of that number

    bool operator==(const TrackName&) const = default;
};

/// Follows the console's routing from the USB card back to the strips that have the names.
///
/// A socket (local, AES50, card, aux) is named by the first channel, else aux input, whose source it
/// is by the recording inputs (/config/routing/IN): what plays back from the card does not change
/// what a socket is called. An output is named by the bus, main, matrix or channel that feeds it.
///
/// [one thread]  true until the book changes, which must stay as long
/// Source   the console's numbers: docs/x32.md
class X32Routing {
public:
    explicit X32Routing(const X32Book& book);

    /// The name of the card's output to the computer. Shapes   usb: 1…32
    TrackName track(int usb);

    /// What had to be known and is not in the book: to be asked.
    const std::set<std::string>& lacking() const { return lacking_; }
    /// Numbers that no console of today says: "/config/routing/CARD/9-16 is 77".
    const std::set<std::string>& strange() const { return strange_; }

private:
    /// Where a signal comes from, in the numbers of /config/userrout/out: 0 (off) … 208.
    using Signal = int;

    std::optional<int> look_up(const std::string& address, int last);
    std::optional<Signal> of_block(int block, int offset);
    std::optional<Signal> of_source(int source);
    std::optional<Signal> of_aux_slot(int slot);
    TrackName of_socket(Signal signal, int usb);
    TrackName of_output(const std::string& address, int usb);
    TrackName of_strip(Strip strip, const std::string& side = "") const;
    TrackName by_order(int usb) const;

    struct Input {
        Strip strip;
        std::optional<Signal> fed_by;
    };

    const X32Book& book_;
    std::set<std::string> lacking_;
    std::set<std::string> strange_;
    std::vector<Input> inputs_; ///< channels, then aux inputs
    bool inputs_known_ = true;
};

} // namespace asiowire
