// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <expected>
#include <set>
#include <string>

namespace asiowire {

/// A link of ours by names, which outlive the graph's numbers.
struct LinkName {
    std::string ours; // "out_1": whether we play or listen is in the name
    std::string node;
    std::string port;

    auto operator<=>(const LinkName&) const = default;
};

/// What the links of one application are, besides the rule that its channels are the device's in
/// their order: the user's edits, and the devices that it stays with when it does not follow the
/// default one.
struct LinkList {
    std::string playback; // "" = not settled yet
    std::string capture;
    std::set<LinkName> wanted; // made by the user: made again when their ports are there
    std::set<LinkName> left;   // of the rule's, unmade by the user: not made again

    bool operator==(const LinkList&) const = default;
    bool empty() const { return *this == LinkList{}; }

    /// [any-thread]  pure
    void add(const LinkName& link, bool by_rule);
    void remove(const LinkName& link, bool by_rule);

    /// One fact a line, words apart by tabs; "" for an empty list.
    /// [any-thread]  pure
    std::string text() const;

    /// [any-thread]  pure
    /// Errors   a sentence about the line that is not understood: another version's list, or none
    ///          of ours
    static std::expected<LinkList, std::string> from(const std::string& text);
};

} // namespace asiowire
