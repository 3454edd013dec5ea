// SPDX-License-Identifier: MIT
#pragma once

#include <expected>
#include <string>
#include <vector>

namespace asiowire::hooks {

/// The hooks that were added, kept from one runner to the next: a small file of the user's own, a line
/// for each with the words of `asiowire hooks add` and tabs between. Every change reads it anew, keeps
/// what it does not understand as it stands, and puts a whole new file in its place.
/// [supervisor-thread]
class Remembered {
public:
    /// `path`: of the file; "" = nothing is remembered.
    explicit Remembered(std::string path) : path_(std::move(path)) {}

    using Words = std::vector<std::string>;

    /// What was added, in that order.
    /// Errors   a sentence: it cannot be read, or others can write to it
    std::expected<std::vector<Words>, std::string> all() const;

    /// In place of what is remembered under the same name.
    /// Errors   a sentence; the file is as it was. "" = it is remembered
    std::string add(const Words& words) const;

    /// Errors   as add(); false: nothing was remembered under that name
    std::expected<bool, std::string> forget(const std::string& name) const;

    const std::string& path() const { return path_; }

private:
    std::expected<std::vector<std::string>, std::string> lines() const;
    std::string write(const std::vector<std::string>& lines) const;

    std::string path_;
};

/// $XDG_STATE_HOME/asiowire/hooks, else ~/.local/state/asiowire/hooks; "" without.
/// [any-thread]
std::string remembered_file();

/// What a hook that is added with these words is called.
/// [any-thread]  pure
std::string name_in(const Remembered::Words& words);

} // namespace asiowire::hooks
