// SPDX-License-Identifier: MIT
#pragma once

#include <expected>
#include <string>
#include <vector>

namespace asiowire::hooks {

/// Where compiling happens.
struct Workshop {
    std::string cache;    // for this user alone, made when it is not there
    std::string includes; // where asiowire_hook.h is
};

/// A C file as a shared object.
struct Compiled {
    std::string object;
    std::string remarks;              // the compiler's warnings; "" when it came from the cache
    std::vector<std::string> sources; // the file and the headers of the user's own that it includes
};

/// Compiles one C file with the system's compiler, or finds it compiled. Two processes may do so at
/// the same time.
///
/// [any-thread, blocks]
/// Shapes   file: absolute, without symbolic links
/// Errors   text for people: others can write to what would be compiled, there is no compiler, or what
///          the compiler says, with the lines of the user's own file
std::expected<Compiled, std::string> compile_hook(const std::string& file, const Workshop& workshop);

/// The cache of this user: $XDG_CACHE_HOME/asiowire/hooks, else ~/.cache/asiowire/hooks; "" without.
std::string compile_cache();

} // namespace asiowire::hooks
