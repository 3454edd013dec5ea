// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace asiowire::hooks {

/// One compiled object in a private cache, with a record beside it of what it was made of and what it
/// looked like: a damaged or foreign object is no entry.
/// [any-thread]
class CacheEntry {
public:
    /// `key`: everything that the object depends on, of any length.
    CacheEntry(const std::string& cache, std::string key);

    std::string object() const { return stem_ + ".so"; }

    /// Whether the object is there, ours, whole, and made of this key.
    bool is_good() const;

    /// A name to build under that no other process or thread has.
    std::string draft() const;

    /// Puts what was built under a draft's name into the cache; of two that do so at once either wins.
    /// Errors   false: it cannot be written
    bool take(const std::string& draft) const;

private:
    std::string record() const { return stem_ + ".key"; }
    std::string recorded(const std::string& object) const;

    std::string key_;
    std::string stem_;
};

/// A whole file; "" when it cannot be read.
std::string contents_of(const std::string& path);

} // namespace asiowire::hooks
