// SPDX-License-Identifier: MIT
#pragma once

#include "core/reblock.hpp"
#include "pipewire/connection.hpp"
#include "pipewire/pin_ledger.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

namespace asiowire {

enum class Direction { in, out };

/// What we need to know of the daemon's graph, kept up to date on the main loop.
class Graph {
public:
    struct Node {
        std::string name;
        std::string media_class;               // "Audio/Sink", …
        std::uint32_t device = SPA_ID_INVALID; // device.id: the card it belongs to
    };
    struct Port {
        std::uint32_t node = SPA_ID_INVALID;
        std::uint32_t index = 0;  // port.id: the order of the node's channels
        std::uint64_t serial = 0; // never given anew, as ids are
        Direction direction = Direction::in;
        bool monitor = false; // of a sink's own sound
        std::string name;
        std::string alias;
    };
    struct Link {
        std::uint32_t out_port = SPA_ID_INVALID;
        std::uint32_t in_port = SPA_ID_INVALID;
        bool owned = false; // goes with the client that made it; what a user makes with a tool stays
    };

    /// [any-thread, loop locked]
    explicit Graph(Connection& connection);

    /// Called on the main loop after every change of nodes, ports, links or metadata.
    void on_change(std::function<void()> call) { on_change_ = std::move(call); }

    /// The id of the node with this name; SPA_ID_INVALID when there is none.
    /// [main-loop or loop locked]; so are all that follow
    std::uint32_t node_named(const std::string& name) const;

    /// Null when there is none.
    const Node* node(std::uint32_t id) const;
    const Port* port(std::uint32_t id) const;

    /// The other nodes of a card, in the order of their ids; none for a node without one.
    std::vector<std::uint32_t> same_device(std::uint32_t node) const;

    /// The id of a node's port with this name; SPA_ID_INVALID when there is none.
    std::uint32_t port_named(std::uint32_t node, Direction direction, const std::string& name) const;

    /// Registry ids of a node's ports in one direction, in channel order.
    std::vector<std::uint32_t> ports_of(std::uint32_t node, Direction direction) const;

    bool has_port(std::uint32_t id) const { return ports_.contains(id); }

    bool linked(std::uint32_t out_port, std::uint32_t in_port) const;

    /// Every link by its id.
    const std::map<std::uint32_t, Link>& links() const { return links_; }

    /// Names of the default devices; "" when there is none.
    const std::string& default_sink() const { return default_sink_; }
    const std::string& default_source() const { return default_source_; }

    /// What the daemon's settings say; the running graph may differ.
    std::uint32_t rate() const;
    Frames quantum() const;

    /// What others force on the whole graph; 0 = nothing.
    Frames forced_quantum() const;
    std::uint32_t forced_rate() const;

    /// What is forced on the whole graph, by whomsoever.
    Forced forced() const;

    /// A forced value is our own doing: forced_quantum() and forced_rate() tell what stood there before.
    void disregard(const Forced& ours, const Forced& before);

    /// Whether the graph may change to a rate when nobody forces one.
    bool allows_rate(std::uint32_t rate) const;

    /// Writes one of the daemon's settings; a daemon that refuses says nothing.
    void write_setting(const char* key, const std::string& value);

    /// Asks the daemon to take an object out of the graph, whatever its owner is doing.
    void destroy(std::uint32_t id) { pw_registry_destroy(registry_.get(), id); }

    /// A proxy of an object.
    Proxy bind(std::uint32_t id, const char* type, std::uint32_t version) const;

private:
    void add(std::uint32_t id, const char* type, const spa_dict& properties);
    void remove(std::uint32_t id);
    void bind_metadata(std::uint32_t id, const std::string& name);
    void set(const std::string& key, const char* value);
    std::uint32_t setting(const char* key) const;
    void changed() const;

    Connection& connection_;
    Registry registry_;
    Hook registry_hook_;
    std::map<std::uint32_t, Node> nodes_;
    std::map<std::uint32_t, Port> ports_;
    std::map<std::uint32_t, Link> links_;
    struct Metadata {
        Graph* graph = nullptr;
        std::uint32_t id = 0;
        std::string name;
        Proxy proxy;
        Hook hook;
    };
    std::list<Metadata> metadata_; // a list: the daemon's callbacks keep the address
    std::string default_sink_;
    std::string default_source_;
    std::map<std::string, std::uint32_t> settings_; // clock.rate, clock.force-quantum, …
    std::vector<std::uint32_t> allowed_rates_;
    Forced ours_; // of what is forced
    Forced before_ours_;
    std::function<void()> on_change_;
};

} // namespace asiowire
