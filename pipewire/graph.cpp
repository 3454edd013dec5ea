// SPDX-License-Identifier: MIT

#include "pipewire/graph.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <pipewire/extensions/metadata.h>
#include <spa/utils/json.h>

namespace asiowire {

namespace {

std::uint32_t number(const spa_dict& properties, const char* key)
{
    const char* text = spa_dict_lookup(&properties, key);
    return text == nullptr ? SPA_ID_INVALID
                           : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

std::string text(const spa_dict& properties, const char* key)
{
    const char* found = spa_dict_lookup(&properties, key);
    return found == nullptr ? "" : found;
}

/// The "name" of a default device's JSON value, as in {"name":"alsa_output.pci"}.
std::string json_name(const char* value)
{
    if (value == nullptr) return {};
    spa_json outer;
    spa_json object;
    spa_json_init(&outer, value, std::strlen(value));
    if (spa_json_enter_object(&outer, &object) <= 0) return {};
    char key[64];
    char text[512];
    while (spa_json_get_string(&object, key, sizeof key) > 0) {
        if (spa_json_get_string(&object, text, sizeof text) <= 0) break;
        if (std::strcmp(key, "name") == 0) return text;
    }
    return {};
}

/// The numbers of a JSON list, as in [ 44100, 48000 ].
std::vector<std::uint32_t> json_numbers(const char* value)
{
    std::vector<std::uint32_t> numbers;
    spa_json outer;
    spa_json list;
    spa_json_init(&outer, value, value == nullptr ? 0 : std::strlen(value));
    if (value == nullptr || spa_json_enter_array(&outer, &list) <= 0) return numbers;
    for (int number = 0; spa_json_get_int(&list, &number) > 0;)
        numbers.push_back(static_cast<std::uint32_t>(number));
    return numbers;
}

} // namespace

Graph::Graph(Connection& connection)
    : connection_(connection),
      registry_(pw_core_get_registry(connection.core(), PW_VERSION_REGISTRY, 0))
{
    static const pw_registry_events events = {
        .version = PW_VERSION_REGISTRY_EVENTS,
        .global =
            [](void* data, std::uint32_t id, std::uint32_t, const char* type, std::uint32_t,
               const spa_dict* properties) {
                if (properties != nullptr) static_cast<Graph*>(data)->add(id, type, *properties);
            },
        .global_remove = [](void* data,
                            std::uint32_t id) { static_cast<Graph*>(data)->remove(id); },
    };
    pw_registry_add_listener(registry_.get(), registry_hook_.get(), &events, this);
    connection_.round_trip(); // the globals
    connection_.round_trip(); // the values of the metadata found among them
}

void Graph::add(std::uint32_t id, const char* type, const spa_dict& properties)
{
    const std::string_view what = type;
    if (what == PW_TYPE_INTERFACE_Node) {
        nodes_[id] = {.name = text(properties, PW_KEY_NODE_NAME),
                      .media_class = text(properties, PW_KEY_MEDIA_CLASS),
                      .device = number(properties, PW_KEY_DEVICE_ID)};
    } else if (what == PW_TYPE_INTERFACE_Port) {
        const std::string serial = text(properties, PW_KEY_OBJECT_SERIAL);
        ports_[id] = {.node = number(properties, PW_KEY_NODE_ID),
                      .index = number(properties, PW_KEY_PORT_ID),
                      .serial = std::strtoull(serial.c_str(), nullptr, 10),
                      .direction = text(properties, PW_KEY_PORT_DIRECTION) == "out" ? Direction::out
                                                                                    : Direction::in,
                      .monitor = text(properties, PW_KEY_PORT_MONITOR) == "true",
                      .name = text(properties, PW_KEY_PORT_NAME),
                      .alias = text(properties, PW_KEY_PORT_ALIAS)};
    } else if (what == PW_TYPE_INTERFACE_Link) {
        links_[id] = {.out_port = number(properties, PW_KEY_LINK_OUTPUT_PORT),
                      .in_port = number(properties, PW_KEY_LINK_INPUT_PORT),
                      .owned = spa_dict_lookup(&properties, PW_KEY_CLIENT_ID) != nullptr};
    } else if (what == PW_TYPE_INTERFACE_Metadata) {
        const char* name = spa_dict_lookup(&properties, PW_KEY_METADATA_NAME);
        if (name != nullptr) bind_metadata(id, name);
        return;
    } else {
        return;
    }
    changed();
}

void Graph::remove(std::uint32_t id)
{
    metadata_.remove_if([id](const Metadata& entry) { return entry.id == id; });
    if (nodes_.erase(id) + ports_.erase(id) + links_.erase(id) > 0) changed();
}

void Graph::bind_metadata(std::uint32_t id, const std::string& name)
{
    if (name != "default" && name != "settings") return;
    Metadata& entry = metadata_.emplace_back();
    entry.graph = this;
    entry.id = id;
    entry.name = name;
    entry.proxy = bind(id, PW_TYPE_INTERFACE_Metadata, PW_VERSION_METADATA);
    static const pw_metadata_events events = {
        .version = PW_VERSION_METADATA_EVENTS,
        .property = [](void* data, std::uint32_t, const char* key, const char*,
                       const char* value) -> int {
            if (key != nullptr) static_cast<Metadata*>(data)->graph->set(key, value);
            return 0;
        },
    };
    pw_metadata_add_listener(reinterpret_cast<pw_metadata*>(entry.proxy.get()), entry.hook.get(),
                             &events, &entry);
}

void Graph::set(const std::string& key, const char* value)
{
    if (key == "default.audio.sink")
        default_sink_ = json_name(value);
    else if (key == "default.audio.source")
        default_source_ = json_name(value);
    else if (key == "clock.allowed-rates")
        allowed_rates_ = json_numbers(value);
    else if (key.starts_with("clock."))
        settings_[key] =
            value == nullptr ? 0 : static_cast<std::uint32_t>(std::strtoul(value, nullptr, 10));
    else
        return;
    changed();
}

void Graph::changed() const
{
    if (on_change_) on_change_();
}

std::uint32_t Graph::node_named(const std::string& name) const
{
    if (name.empty()) return SPA_ID_INVALID;
    const auto found =
        std::ranges::find_if(nodes_, [&](const auto& node) { return node.second.name == name; });
    return found == nodes_.end() ? SPA_ID_INVALID : found->first;
}

const Graph::Node* Graph::node(std::uint32_t id) const
{
    const auto found = nodes_.find(id);
    return found == nodes_.end() ? nullptr : &found->second;
}

const Graph::Port* Graph::port(std::uint32_t id) const
{
    const auto found = ports_.find(id);
    return found == ports_.end() ? nullptr : &found->second;
}

std::vector<std::uint32_t> Graph::same_device(std::uint32_t node) const
{
    std::vector<std::uint32_t> others;
    const Node* const one = this->node(node);
    if (one == nullptr || one->device == SPA_ID_INVALID) return others;
    for (const auto& [id, other] : nodes_)
        if (id != node && other.device == one->device) others.push_back(id);
    return others;
}

std::uint32_t Graph::port_named(std::uint32_t node, Direction direction,
                                const std::string& name) const
{
    const auto found = std::ranges::find_if(ports_, [&](const auto& entry) {
        const Port& port = entry.second;
        return port.node == node && port.direction == direction && port.name == name;
    });
    return found == ports_.end() ? SPA_ID_INVALID : found->first;
}

std::vector<std::uint32_t> Graph::ports_of(std::uint32_t node, Direction direction) const
{
    std::vector<std::uint32_t> ids;
    if (node == SPA_ID_INVALID) return ids;
    for (const auto& [id, port] : ports_)
        if (port.node == node && port.direction == direction) ids.push_back(id);
    std::ranges::sort(ids, {}, [this](std::uint32_t id) { return ports_.at(id).index; });
    return ids;
}

bool Graph::linked(std::uint32_t out_port, std::uint32_t in_port) const
{
    return std::ranges::any_of(links_, [&](const auto& entry) {
        return entry.second.out_port == out_port && entry.second.in_port == in_port;
    });
}

std::uint32_t Graph::setting(const char* key) const
{
    const auto found = settings_.find(key);
    return found == settings_.end() ? 0 : found->second;
}

std::uint32_t Graph::rate() const
{
    if (const std::uint32_t forced = forced_rate(); forced != 0) return forced;
    const std::uint32_t configured = setting("clock.rate");
    return configured != 0 ? configured : 48000; // PipeWire's own default
}

Frames Graph::quantum() const
{
    if (const Frames forced = forced_quantum(); forced != 0) return forced;
    const Frames configured = setting("clock.quantum");
    return configured != 0 ? configured : 1024; // PipeWire's own default
}

Frames Graph::forced_quantum() const
{
    const Frames forced = setting("clock.force-quantum");
    return forced != 0 && forced == ours_.quantum ? before_ours_.quantum : forced;
}

std::uint32_t Graph::forced_rate() const
{
    const std::uint32_t forced = setting("clock.force-rate");
    return forced != 0 && forced == ours_.rate ? before_ours_.rate : forced;
}

Forced Graph::forced() const
{
    return {.quantum = setting("clock.force-quantum"), .rate = setting("clock.force-rate")};
}

void Graph::disregard(const Forced& ours, const Forced& before)
{
    ours_ = ours;
    before_ours_ = before;
    changed();
}

bool Graph::allows_rate(std::uint32_t rate) const
{
    return std::ranges::find(allowed_rates_, rate) != allowed_rates_.end();
}

void Graph::write_setting(const char* key, const std::string& value)
{
    for (const Metadata& entry : metadata_)
        if (entry.name == "settings")
            pw_metadata_set_property(reinterpret_cast<pw_metadata*>(entry.proxy.get()), PW_ID_CORE,
                                     key, "", value.c_str());
}

Proxy Graph::bind(std::uint32_t id, const char* type, std::uint32_t version) const
{
    return Proxy(
        static_cast<pw_proxy*>(pw_registry_bind(registry_.get(), id, type, version, 0)));
}

} // namespace asiowire
