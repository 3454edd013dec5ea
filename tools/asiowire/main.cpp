// SPDX-License-Identifier: MIT
// asiowire register | unregister: makes the driver known to the Windows programs of a Wine prefix;
// asiowire status: shows what the running drivers do; asiowire record: records, or has them record;
// asiowire take: looks at takes on disk; asiowire x32: asks a console for its names.
// asiowire hooks: analysis hooks.

#include "tools/asiowire/hooks.hpp"
#include "tools/asiowire/prefix.hpp"
#include "tools/asiowire/record.hpp"
#include "tools/asiowire/register_words.hpp"
#include "tools/asiowire/status.hpp"
#include "tools/asiowire/take.hpp"
#include "tools/asiowire/x32.hpp"

#include <cstdio>
#include <string>

namespace fs = std::filesystem;

namespace {

enum ExitCode { done = 0, failed = 1, usage = 2 };

constexpr char help[] =
    "Usage: asiowire register   [--prefix DIR]   make AsioWire known in a Wine prefix\n"
    "       asiowire unregister [--prefix DIR]   undo it; the prefix is as before\n"
    "       asiowire register --device NODE [--name TEXT] [--capture NODE] [--prefix DIR]\n"
    "                                            an entry of its own for the card with this node, in\n"
    "                                            the hosts' list of devices; --capture: the node to\n"
    "                                            record from, if it is not of the same card\n"
    "       asiowire unregister --device NODE [--prefix DIR]   remove that entry alone\n"
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

/// The entry of one card; the DLL has said what is wrong when it refuses.
bool change_entry(const asiowire::Prefix& prefix, const asiowire::Prefix::Half& half,
                  const fs::path& library, const asiowire::RegisterWords& words, bool removing)
{
    std::error_code ignored;
    if (removing && !fs::exists(half.copy, ignored)) {
        std::printf("%s: was not registered\n", half.name);
        return true;
    }
    const bool agreed = prefix.call_regsvr32(half, library, removing, words.install_words());
    if (agreed && removing)
        std::printf("%s: the entry for %s is gone\n", half.name, words.device.c_str());
    else if (agreed)
        std::printf("%s: \"%s\" is %s\n", half.name, words.name.c_str(), words.device.c_str());
    else
        std::fprintf(stderr, "asiowire: %s: the entry is as it was\n", half.name);
    return agreed;
}

void say_how_wine_finds_it(const fs::path& library)
{
    std::printf("Windows programs find it when Wine does: start them with\n"
                "    WINEDLLPATH=%s\n"
                "(not needed when AsioWire is installed into Wine's own library folder).\n",
                library.c_str());
}

int work(const std::string& command, const asiowire::RegisterWords& words)
{
    const auto prefix = asiowire::Prefix::find(words.prefix);
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
    const bool removing = command == "unregister";
    const bool entry = !words.device.empty();
    for (const auto& half : halves) {
        bool well = true;
        if (!removing || !entry)
            well = removing ? remove(*prefix, half, library) : add(*prefix, half, library);
        if (entry && well) well = change_entry(*prefix, half, library, words, removing);
        all_well &= well;
    }
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
    if (command == "register" || command == "unregister") {
        const auto given = asiowire::RegisterWords::of(command, {words + 2, words + count});
        if (given) return work(command, *given);
        if (!given.error().empty()) {
            std::fprintf(stderr, "asiowire: %s\n", given.error().c_str());
            return usage;
        }
    }
    std::fputs(help, stderr);
    return usage;
}
