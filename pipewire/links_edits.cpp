// SPDX-License-Identifier: MIT
// What the user does to our links by hand, told from what becomes of them otherwise. On the main
// loop.

#include "pipewire/links.hpp"
#include "pipewire/log.hpp"

#include <algorithm>

namespace asiowire {

namespace {

std::string described(const LinkName& link)
{
    return link.ours + " and " + link.node + ":" + link.port;
}

} // namespace

/// The link's names; false when it is none of ours, or a twin's of ours, which is another one next
/// time.
bool Links::name(const Pair& ports, LinkName& into) const
{
    const Graph::Port* const out = graph_.port(ports.first);
    const Graph::Port* const in = graph_.port(ports.second);
    if (out == nullptr || in == nullptr || (out->node != node_ && in->node != node_)) return false;
    const Graph::Port& ours = out->node == node_ ? *out : *in;
    const Graph::Port& there = out->node == node_ ? *in : *out;
    const Graph::Node* const node = graph_.node(there.node);
    const Graph::Node* const own = graph_.node(node_);
    if (node == nullptr || own == nullptr || node->name.empty() || there.name.empty()) return false;
    if (node->name == own->name && there.node != node_) return false;
    into = {ours.name, node->name, there.name};
    return true;
}

/// The ports that names stand for now; (SPA_ID_INVALID, …) when one of them is not there.
Links::Pair Links::find(const LinkName& name, Direction ours) const
{
    constexpr Pair none{SPA_ID_INVALID, SPA_ID_INVALID};
    const Graph::Node* const own = graph_.node(node_);
    const bool plays = ours == Direction::out;
    const std::uint32_t here = graph_.port_named(node_, ours, name.ours);
    const std::uint32_t node =
        own != nullptr && name.node == own->name ? node_ : graph_.node_named(name.node);
    if (here == SPA_ID_INVALID || node == SPA_ID_INVALID) return none;
    const std::uint32_t there =
        graph_.port_named(node, plays ? Direction::in : Direction::out, name.port);
    if (there == SPA_ID_INVALID) return none;
    return plays ? Pair{here, there} : Pair{there, here};
}

bool Links::is_by_rule(const Pair& ports) const
{
    const Graph::Port* const out = graph_.port(ports.first);
    const bool plays = out != nullptr && out->node == node_;
    const auto all = by_rule(plays ? Direction::out : Direction::in);
    return std::ranges::find(all, ports) != all.end();
}

/// Every change of the graph comes here one at a time, so that no number is given anew unseen.
void Links::note_edits()
{
    std::erase_if(seen_, [this](const auto& entry) {
        if (graph_.links().contains(entry.first)) return false;
        note_loss(entry.first, entry.second);
        return true;
    });
    for (const auto& [id, link] : graph_.links())
        if (!seen_.contains(id)) note_find(id, link);
}

void Links::note_find(std::uint32_t id, const Graph::Link& link)
{
    Seen seen{.ports = {link.out_port, link.in_port}, .name = {}, .foreign = false};
    if (!name(seen.ports, seen.name)) return;
    seen.foreign = !link.owned; // ours are
    seen_[id] = seen;
    if (!seen.foreign) return;
    log(LogLevel::info, "linked by hand: " + described(seen.name) + "; remembered");
    const bool rule = is_by_rule(seen.ports);
    store_.change([name = seen.name, rule](LinkList& list) { list.add(name, rule); });
}

/// A link goes by the user's hand, or by ours (and is not among the made ones any more), or with
/// one of its ports; but the daemon tells of the link first. So it is asked something: when it has
/// answered, it has told of the ports, too.
void Links::note_loss(std::uint32_t id, const Seen& link)
{
    // By its number, not by its ports: the same ports may have been linked anew by now.
    const auto made = std::ranges::find_if(
        made_, [&](const Made& one) { return pw_proxy_get_bound_id(one.proxy.get()) == id; });
    const bool is_made = made != made_.end();
    const bool failed = is_made && made->failed;
    if (is_made) made_.erase(made);
    const Graph::Port* const out = graph_.port(link.ports.first);
    const Graph::Port* const in = graph_.port(link.ports.second);
    if (failed || (!is_made && !link.foreign) || out == nullptr || in == nullptr) return;
    doubts_.push_back({.name = link.name,
                       .serials = {out->serial, in->serial},
                       .ports = link.ports,
                       .by_rule = is_by_rule(link.ports),
                       .question = pw_core_sync(connection_.core(), PW_ID_CORE, 0)});
}

void Links::judge(int answer)
{
    const auto is_there = [this](std::uint32_t id, std::uint64_t serial) {
        const Graph::Port* const port = graph_.port(id);
        return port != nullptr && port->serial == serial;
    };
    while (!doubts_.empty() && doubts_.front().question <= answer) {
        const Doubt doubt = std::move(doubts_.front());
        doubts_.pop_front();
        if (!is_there(doubt.ports.first, doubt.serials.first) ||
            !is_there(doubt.ports.second, doubt.serials.second) ||
            graph_.linked(doubt.ports.first, doubt.ports.second))
            continue;
        log(LogLevel::info, "unlinked by hand: " + described(doubt.name) + "; remembered");
        store_.change([doubt](LinkList& list) { list.remove(doubt.name, doubt.by_rule); });
    }
}

} // namespace asiowire
