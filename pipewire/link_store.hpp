// SPDX-License-Identifier: MIT
#pragma once

#include "core/status.hpp"
#include "pipewire/link_list.hpp"

#include <functional>
#include <string>
#include <vector>

namespace asiowire {

/// An application's list of links, in a file that outlives it: NAME.links in ~/.local/state/asiowire
/// ($XDG_STATE_HOME). Whoever has the driver open twice changes one list.
class LinkStore {
public:
    /// May be called more than once, and later.
    using Edit = std::function<void(LinkList&)>;

    /// Nothing is kept. [any-thread]
    LinkStore() = default;

    /// Reads what is kept. A file that is not understood is left as it is, and changes of this run
    /// are kept for this run alone; the log says so.
    /// [any-thread but the audio thread]  name: the application's, which may hold anything
    explicit LinkStore(const std::string& name);

    /// [whoever owns it]  so is change()
    const LinkList& list() const { return list_; }

    /// Makes a change to the list here and to the one that is kept, which another program may have
    /// changed meanwhile; a list that becomes empty leaves no file.
    /// Errors   what cannot be written is kept for this run and tried again with the next change;
    ///          the log says so once
    void change(const Edit& edit);

    const std::string& path() const { return path_; }

private:
    Status write() const;

    std::string path_; // "" = nowhere
    LinkList list_;
    std::vector<Edit> unwritten_;
    bool complained_ = false;
};

/// A file's name for an application's: letters, digits and a few marks, at most 200 bytes.
/// [any-thread]  pure
std::string link_file_name(const std::string& application);

} // namespace asiowire
