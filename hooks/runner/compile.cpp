// SPDX-License-Identifier: MIT
#include "hooks/runner/compile.hpp"

#include "hooks/asiowire_hook.h"
#include "hooks/runner/cache_entry.hpp"
#include "hooks/runner/private_folder.hpp"
#include "hooks/runner/program.hpp"
#include "hooks/runner/trusted_path.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace asiowire::hooks {

namespace {

constexpr int patience = 60; // seconds for a compiler
constexpr std::array flags = {"-std=gnu11", "-O2",    "-g", "-fPIC",
                              "-Wall",      "-Wextra", "-Wno-unused-parameter"};

std::string variable(const char* name)
{
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// The lines of /proc/cpuinfo that tell one kind of processor from another.
std::string processor()
{
    std::ifstream file("/proc/cpuinfo");
    std::string kind;
    for (std::string line; std::getline(file, line) && !line.empty();) // the first processor's
        if (line.starts_with("model name") || line.starts_with("flags") ||
            line.starts_with("Features") || line.starts_with("CPU part"))
            kind += line + "\n";
    return kind;
}

/// The files that a preprocessed text names, each once.
std::vector<std::string> files_in(std::string_view preprocessed)
{
    std::vector<std::string> files;
    while (!preprocessed.empty()) {
        const std::size_t end = std::min(preprocessed.find('\n'), preprocessed.size() - 1);
        const std::string_view line = preprocessed.substr(0, end);
        preprocessed.remove_prefix(end + 1);
        const std::size_t open = line.find('"');
        const std::size_t close = line.rfind('"');
        if (!line.starts_with("# ") || open == close) continue;
        const std::string named(line.substr(open + 1, close - open - 1));
        std::array<char, PATH_MAX> real{};
        if (named.starts_with('<') || realpath(named.c_str(), real.data()) == nullptr) continue;
        struct stat facts{};
        if (stat(real.data(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
        if (std::find(files.begin(), files.end(), real.data()) == files.end())
            files.emplace_back(real.data());
    }
    return files;
}

ProgramEnd run_compiler(std::initializer_list<std::string> more, const std::string& input)
{
    std::vector<std::string> words = {"cc"};
    words.insert(words.end(), flags.begin(), flags.end());
    words.insert(words.end(), more);
    return run_program(std::move(words), input, patience);
}

std::string complaint(const std::string& file, const Workshop& workshop)
{
    if (file.find_first_of("\"\\\n") != std::string::npos)
        return "the compiler cannot be told a name with a quote, backslash or line end in it";
    if (std::string who = who_else_can_write(file); !who.empty()) return who;
    if (workshop.cache.empty()) return "neither XDG_CACHE_HOME nor HOME names a folder to work in";
    return make_private_folder(workshop.cache);
}

} // namespace

std::string compile_cache()
{
    if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty())
        return cache + "/asiowire/hooks";
    const std::string home = variable("HOME");
    return home.empty() ? "" : home + "/.cache/asiowire/hooks";
}

std::expected<Compiled, std::string> compile_hook(const std::string& file, const Workshop& workshop)
{
    if (const std::string why = complaint(file, workshop); !why.empty())
        return std::unexpected("not compiled: " + why);
    const ProgramEnd version = run_program({"cc", "--version"}, "", patience);
    if (!version.well)
        return std::unexpected("no C compiler answers to the name 'cc': " + version.err);

    // The text goes in as it was read, and the line marker gives it back its name: what is checked,
    // looked up and compiled is one and the same.
    const std::string folder = file.substr(0, file.rfind('/') + 1);
    const ProgramEnd read =
        run_compiler({"-E", "-x", "c", "-iquote", folder, "-I", workshop.includes, "-"},
                     "# 1 \"" + file + "\"\n" + contents_of(file));
    if (!read.well) return std::unexpected(read.err);
    Compiled compiled;
    for (std::string& source : files_in(read.out)) {
        if (const std::string who = who_else_can_write(source); !who.empty())
            return std::unexpected("not compiled: it includes " + source + ": " + who);
        if (!source.starts_with("/usr/")) compiled.sources.push_back(std::move(source));
    }

    std::string key = version.out + processor() + "hook ABI " + std::to_string(ASIOWIRE_HOOK_ABI);
    for (const char* const flag : flags) key += "\n" + std::string(flag);
    const CacheEntry entry(workshop.cache, key + "\n" + read.out);
    compiled.object = entry.object();
    if (entry.is_good()) return compiled;

    const std::string draft = entry.draft();
    const ProgramEnd built = run_compiler(
        {"-shared", "-Wl,-z,defs", "-x", "cpp-output", "-", "-o", draft, "-lm"}, read.out);
    const bool taken = built.well && entry.take(draft);
    unlink(draft.c_str());
    unlink((draft + ".key").c_str());
    if (!built.well) return std::unexpected(built.err);
    if (!taken)
        return std::unexpected(workshop.cache + " cannot be written: " + std::strerror(errno));
    compiled.remarks = built.err;
    return compiled;
}

} // namespace asiowire::hooks
