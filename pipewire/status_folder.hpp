// SPDX-License-Identifier: MIT
#pragma once

#include "core/status_page.hpp"

#include <memory>
#include <string>
#include <vector>

namespace asiowire {

/// Where the status pages of this user's drivers lie: $XDG_RUNTIME_DIR/asiowire; "" without one.
std::string status_folder();

/// Where the control socket of a page's driver lies: beside it.
/// [any-thread]  pure
std::string control_path(const std::string& page_path);

/// Unmaps a page that somebody else wrote.
struct Unmap {
    void operator()(const StatusPage* page) const;
};

/// Another driver's page, as found.
struct FoundPage {
    std::unique_ptr<const StatusPage, Unmap> page; // read-only
    std::string path;
    bool alive = false; // its owner is there

    /// What the owner said last; after a death in the middle of saying it, what there is.
    PageFacts facts() const;
};

/// The pages of a folder that this version can read, the living and the dead, by path.
/// [any-thread]
/// Errors   what is no page, has another version or belongs to another user is left out
std::vector<FoundPage> find_pages(const std::string& folder);

/// Removes what dead owners have left, pages of every version, and their control sockets.
/// [any-thread]
void sweep_pages(const std::string& folder);

} // namespace asiowire
