// SPDX-License-Identifier: MIT

#include "tools/asiowire/prefix.hpp"

#include <algorithm>
#include <cstdlib>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace asiowire {

namespace fs = std::filesystem;

namespace {

fs::path variable(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

fs::path in_path(const char* program)
{
    const std::string path = variable("PATH");
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find(':', begin), path.size());
        const fs::path candidate = fs::path(path.substr(begin, end - begin)) / program;
        if (access(candidate.c_str(), X_OK) == 0) return candidate;
        begin = end + 1;
    }
    return {};
}

/// The 64-bit loader: where 32-bit Wine is installed beside it, plain `wine` may be the 32-bit one,
/// and that cannot load a 64-bit DLL.
fs::path find_loader()
{
    const fs::path named = variable("WINELOADER");
    for (const fs::path& candidate :
         {named, in_path("wine64"), fs::path("/usr/lib/wine/wine64"), in_path("wine")})
        if (!candidate.empty() && access(candidate.c_str(), X_OK) == 0) return candidate;
    return {};
}

} // namespace

std::expected<Prefix, std::string> Prefix::find(const fs::path& named)
{
    fs::path folder = named;
    if (folder.empty()) folder = variable("WINEPREFIX");
    if (folder.empty()) folder = variable("HOME") / ".wine";
    std::error_code ignored;
    folder = fs::absolute(folder, ignored);
    if (!fs::is_directory(folder / "drive_c" / "windows" / "system32", ignored))
        return std::unexpected(folder.string() + " is no Wine prefix; run \"wineboot\" to make one, "
                                                 "or name another with --prefix");
    const fs::path loader = find_loader();
    if (loader.empty())
        return std::unexpected("no Wine was found; install it, or name its loader in WINELOADER");
    return Prefix(folder, loader);
}

std::vector<Prefix::Half> Prefix::halves(const fs::path& library) const
{
    const fs::path windows = folder_ / "drive_c" / "windows";
    const fs::path dll64 = library / "x86_64-windows" / "asiowire.dll";
    const fs::path dll32 = library / "i386-windows" / "asiowire.dll";
    std::vector<Half> halves;
    const auto add = [&](const char* name, const fs::path& source, const char* system_folder) {
        const fs::path system = windows / system_folder;
        std::error_code ignored;
        // Without its own regsvr32 the prefix runs no programs of this bitness at all.
        if (!fs::exists(source, ignored) || !fs::exists(system / "regsvr32.exe", ignored)) return;
        halves.push_back({name, source, system / "asiowire.dll", system / "regsvr32.exe"});
    };
    std::error_code ignored;
    if (fs::is_directory(windows / "syswow64", ignored)) {
        add("64-bit", dll64, "system32");
        add("32-bit", dll32, "syswow64");
    } else {
        add("32-bit", dll32, "system32");
    }
    return halves;
}

bool Prefix::call_regsvr32(const Half& half, const fs::path& library, bool remove,
                           const std::string& install) const
{
    const std::string search = variable("WINEDLLPATH");
    setenv("WINEDLLPATH", (library.string() + (search.empty() ? "" : ":" + search)).c_str(), 1);
    setenv("WINEPREFIX", folder_.c_str(), 1);
    setenv("WINEDEBUG", "-all", 0);

    std::vector<std::string> words = {loader_.string(), half.regsvr32.string(), "/s"};
    if (remove) words.emplace_back("/u");
    if (!install.empty()) words.insert(words.end(), {"/n", "/i:" + install});
    words.emplace_back("asiowire.dll");
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);

    pid_t child = 0;
    if (posix_spawn(&child, words[0].c_str(), nullptr, nullptr, arguments.data(), environ) != 0)
        return false;
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace asiowire
