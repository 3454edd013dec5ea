// SPDX-License-Identifier: MIT
// asiowire register | unregister: makes the driver known to the Windows programs of a Wine prefix;
// asiowire status: shows what the running drivers do; asiowire record: records, or has them record;
// asiowire take: looks at takes on disk; asiowire x32: asks a console for its names.
// asiowire hooks: analysis hooks.

#include "tools/asiowire/hooks.hpp"
#include "tools/asiowire/prefix.hpp"
#include "tools/asiowire/record.hpp"
#include "tools/asiowire/status.hpp"
#include "tools/asiowire/take.hpp"
#include "tools/asiowire/x32.hpp"

#include <cstdio>
#include <cstring>
#include <string>

namespace fs = std::filesystem;

namespace {

enum ExitCode { done = 0, failed = 1, usage = 2 };

constexpr char help[] =
    "Usage: asiowire register   [--prefix DIR]   make AsioWire known in a Wine prefix\n"
    "       asiowire unregister [--prefix DIR]   undo it; the prefix is as before\n"
    "       asiowire status [--json] [--watch]   show every driver that is open, and what is left of\n"
    "                                            those that ended without closing; --json: one line\n"
    "                                            of JSON; --watch: again every second\n"
    "       asiowire hooks --help                analysis hooks: add, list, watch, log, try, run\n"
    "       asiowire record …                    record to disk; asiowire record --help says more\n"
    "       asiowire take info   [--json] DIR    show a recorded take: length, tracks, gaps, marks\n"
    "       asiowire take verify [--json] DIR    compare its files with its log; exit codes: 0 whole,\n"
    "                                            1 damaged as the log says, 3 they do not agree\n"
    "       asiowire take repair [--json] DIR    bring the files of a killed take to one length\n"
    "       asiowire x32 HOST [--json] [--watch] show what an X32 or M32 calls what its USB card\n"
    "                                            carries; --json: one line of JSON; --watch: every\n"
    "                                            change after it\n"
    "\n"
    "--prefix is the Wine prefix; without it WINEPREFIX or ~/.wine is used. HOST is a name or an IPv4\n"
    "address, with :PORT where it is not 10023. register and unregister may be repeated.\n"
    "Exit codes: 0 done, 1 failed, no driver is open, or no console answered (the reason is\n"
    "printed), 2 wrong usage.\n";

/// lib/wine beside the bin/ folder that this program was started from.
fs::path own_library()
{
    std::error_code ignored;
    return fs::read_symlink("/proc/self/exe", ignored).parent_path().parent_path() / "lib" / "wine";
}

/// Replaces, never overwrites: the file there may be shared with another prefix by a hard link.
std::error_code put_copy(const fs::path& from, const fs::path& to)
{
    std::error_code error;
    const fs::path fresh = to.string() + ".new";
    fs::copy_file(from, fresh, fs::copy_options::overwrite_existing, error);
    if (!error) fs::rename(fresh, to, error);
    return error;
}

bool add(const asiowire::Prefix& prefix, const asiowire::Prefix::Half& half,
         const fs::path& library)
{
    if (const std::error_code error = put_copy(half.source, half.copy); error) {
        std::fprintf(stderr, "asiowire: %s: cannot be written: %s\n", half.copy.c_str(),
                     error.message().c_str());
        return false;
    }
    if (prefix.call_regsvr32(half, library, false)) {
        std::printf("%s: registered\n", half.name);
        return true;
    }
    std::error_code ignored;
    fs::remove(half.copy, ignored);
    std::fprintf(stderr, "asiowire: %s: regsvr32 refused asiowire.dll\n", half.name);
    return false;
}

bool remove(const asiowire::Prefix& prefix, const asiowire::Prefix::Half& half,
            const fs::path& library)
{
    std::error_code error;
    if (!fs::exists(half.copy, error)) {
        std::printf("%s: was not registered\n", half.name);
        return true;
    }
    const bool agreed = prefix.call_regsvr32(half, library, true);
    fs::remove(half.copy, error);
    if (agreed && !error) {
        std::printf("%s: unregistered\n", half.name);
        return true;
    }
    std::fprintf(stderr, "asiowire: %s: could not be unregistered\n", half.name);
    return false;
}

void say_how_wine_finds_it(const fs::path& library)
{
    std::printf("Windows programs find it when Wine does: start them with\n"
                "    WINEDLLPATH=%s\n"
                "(not needed when AsioWire is installed into Wine's own library folder).\n",
                library.c_str());
}

int work(const std::string& command, const fs::path& named_prefix)
{
    const auto prefix = asiowire::Prefix::find(named_prefix);
    if (!prefix) {
        std::fprintf(stderr, "asiowire: %s\n", prefix.error().c_str());
        return failed;
    }
    const fs::path library = own_library();
    const auto halves = prefix->halves(library);
    if (halves.empty()) {
        std::fprintf(stderr, "asiowire: no asiowire.dll for this prefix below %s\n",
                     library.c_str());
        return failed;
    }
    bool all_well = true;
    std::printf("Wine prefix %s\n", prefix->folder().c_str());
    for (const auto& half : halves)
        all_well &= command == "register" ? add(*prefix, half, library)
                                          : remove(*prefix, half, library);
    if (all_well && command == "register") say_how_wine_finds_it(library);
    return all_well ? done : failed;
}

} // namespace

int main(int count, char** words)
{
    const std::string command = count > 1 ? words[1] : "";
    if (command == "--help" || command == "-h") {
        std::fputs(help, stdout);
        return done;
    }
    if (command == "status")
        if (const auto options = asiowire::StatusOptions::of({words + 2, words + count}))
            return asiowire::show_status(*options) ? done : failed;
    if (command == "hooks")
        return asiowire::hooks_command({words + 2, words + count},
                                       own_library().parent_path() / "asiowire/asiowire-hooks");
    if (command == "record") return asiowire::record({words + 2, words + count});
    if (command == "take")
        if (const auto options = asiowire::TakeOptions::of({words + 2, words + count}))
            return asiowire::look_at_take(*options);
    if (command == "x32")
        if (const auto options = asiowire::X32Options::of({words + 2, words + count}))
            return asiowire::show_x32(*options) ? done : failed;
    const bool has_prefix = count == 4 && std::strcmp(words[2], "--prefix") == 0;
    if ((command != "register" && command != "unregister") || (count != 2 && !has_prefix)) {
        std::fputs(help, stderr);
        return usage;
    }
    return work(command, has_prefix ? words[3] : "");
}
