// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/capture_node.hpp"
#include "pipewire/graph.hpp"
#include "pipewire/links.hpp"
#include "tools/asiowire/record.hpp"

#include <atomic>
#include <expected>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace asiowire {

/// A native recorder's side of the graph: connection, listening node, links, and the audio thread.
/// [main thread of the tool]
class Listening {
public:
    /// Looks for what is to be recorded.
    /// Errors   a sentence
    std::expected<void, std::string> find(const RecordOptions& options);

    /// From here on the ring fills, until end(). Ownership  the ring stays the caller's
    /// Errors   a sentence
    std::expected<void, std::string> begin(const std::string& name, Ring& ring);

    /// Nobody pushes into the ring any more.
    void end();

    ~Listening() { end(); }

    bool lost() const { return lost_; } // the daemon
    bool there() const;                 // what is recorded is in the graph
    const std::string& node() const { return node_; }
    const std::string& remark() const
    {
        return remark_;
    } // what could not be had; "" = all is there
    const std::vector<std::uint32_t>& channels() const { return channels_; } // from 0
    std::uint32_t rate() const { return rate_; }                             // Hz, before begin()

private:
    std::expected<void, std::string> choose(const RecordOptions& options, std::uint32_t there);
    bool wait_for_links();

    std::unique_ptr<Connection> connection_;
    std::unique_ptr<Graph> graph_;
    std::unique_ptr<CaptureNode> capture_;
    Devices devices_;
    LinkStore link_store_; // a recording's links are of its own run
    std::unique_ptr<Links> links_;
    std::thread thread_;
    std::string node_;
    std::string remark_;
    std::vector<std::uint32_t> channels_;
    std::uint32_t rate_ = 48000;
    std::atomic<bool> lost_{false};
};

} // namespace asiowire
