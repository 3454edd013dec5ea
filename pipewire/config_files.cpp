// SPDX-License-Identifier: MIT

#include "pipewire/config_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <filesystem>
#include <pwd.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace asiowire {

namespace fs = std::filesystem;

namespace {

std::string variable(const char* name)
{
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string home()
{
    if (const std::string named = variable("HOME"); !named.empty()) return named;
    std::array<char, 4096> text{};
    passwd entry{};
    passwd* found = nullptr;
    getpwuid_r(getuid(), &entry, text.data(), text.size(), &found);
    return found == nullptr ? "" : found->pw_dir;
}

/// PREFIX/share/pipewire, from where we lie ourselves; "" when that is not where an installation has
/// its Unix half. Links that lead there from Wine's own folder are followed.
std::string our_share()
{
    Dl_info self{};
    if (dladdr(reinterpret_cast<const void*>(&our_share), &self) == 0) return "";
    std::error_code failed;
    const fs::path path = fs::canonical(self.dli_fname, failed);
    const fs::path folder = path.parent_path();
    constexpr std::string_view place = "/lib/wine/x86_64-unix";
    const std::string text = folder.string();
    if (failed || !text.ends_with(place)) return "";
    return text.substr(0, text.size() - place.size()) + "/share/pipewire";
}

bool readable(const std::string& path)
{
    return access(path.c_str(), R_OK) == 0;
}

void add_fragments(const std::string& folder, std::vector<std::string>& files)
{
    std::vector<std::string> found;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed))
        if (entry->path().filename().string().ends_with(".conf"))
            found.push_back(entry->path().string());
    std::ranges::sort(found);
    files.insert(files.end(), found.begin(), found.end());
}

} // namespace

ConfigFolders ConfigFolders::from_environment()
{
    if (std::getenv("PIPEWIRE_CONFIG_DIR") != nullptr)
        return {.users = {}, .machines = {variable("PIPEWIRE_CONFIG_DIR")}};
    ConfigFolders folders;
    const std::string no_config = variable("PIPEWIRE_NO_CONFIG");
    if (no_config != "true" && no_config != "1") {
        if (const std::string xdg = variable("XDG_CONFIG_HOME"); !xdg.empty())
            folders.users.push_back(xdg + "/pipewire");
        if (const std::string user = home(); !user.empty())
            folders.users.push_back(user + "/.config/pipewire");
        folders.machines.emplace_back("/etc/pipewire");
    }
    constexpr char distributions[] = "/usr/share/pipewire";
    const std::string ours = our_share();
    if (!ours.empty() && ours != distributions) folders.machines.push_back(ours);
    folders.machines.emplace_back(distributions);
    return folders;
}

std::vector<std::string> ConfigFolders::all() const
{
    std::vector<std::string> folders = users;
    folders.insert(folders.end(), machines.begin(), machines.end());
    return folders;
}

std::vector<std::string> config_files(const ConfigFolders& folders)
{
    std::vector<std::string> files;
    for (const std::string& folder : folders.all()) {
        const std::string path = folder + "/" + config_name;
        if (!readable(path)) continue;
        files.push_back(path);
        break;
    }
    for (auto folder = folders.machines.rbegin(); folder != folders.machines.rend(); ++folder)
        add_fragments(*folder + "/" + config_fragments, files);
    for (const std::string& folder : folders.users) {
        const std::string fragments = folder + "/" + config_fragments;
        if (!readable(fragments)) continue;
        add_fragments(fragments, files);
        break;
    }
    return files;
}

std::string read_file(const std::string& path, std::string& text)
{
    constexpr std::size_t largest = 1 << 20; // nobody writes one by hand
    // Not blocking: opening a fifo would wait for its writer.
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return std::string("cannot be read (") + std::strerror(errno) + ")";
    struct stat about{};
    std::string why;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) why = "is not a file";
    text.clear();
    std::array<char, 4096> piece{};
    while (why.empty()) {
        const ssize_t bytes = read(file, piece.data(), piece.size());
        if (bytes < 0) why = std::string("cannot be read (") + std::strerror(errno) + ")";
        if (bytes <= 0) break;
        text.append(piece.data(), static_cast<std::size_t>(bytes));
        if (text.size() > largest) why = "is larger than 1 MiB";
    }
    close(file);
    return why;
}

} // namespace asiowire
