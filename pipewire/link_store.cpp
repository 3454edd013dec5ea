// SPDX-License-Identifier: MIT

#include "pipewire/link_store.hpp"

#include "pipewire/log.hpp"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace asiowire {

namespace {

/// An absolute path, as the base-directory specification wants it; "" when there is none.
std::string folder()
{
    const auto absolute = [](const char* name) {
        const char* const value = std::getenv(name);
        return value != nullptr && *value == '/' ? std::string(value) : std::string();
    };
    std::string state = absolute("XDG_STATE_HOME");
    if (state.empty() && !absolute("HOME").empty()) state = absolute("HOME") + "/.local/state";
    return state.empty() ? "" : state + "/asiowire";
}

/// An open file that closes itself, and with it its lock.
class File {
public:
    File(const std::string& path, int flags) : file_(::open(path.c_str(), flags | O_CLOEXEC, 0600))
    {}
    ~File()
    {
        if (file_ >= 0) close(file_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    explicit operator bool() const { return file_ >= 0; }

    /// Another program holds it for the time of one small write.
    bool lock() const
    {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
        while (flock(file_, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK || std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return true;
    }
    std::expected<std::string, std::string> read() const
    {
        constexpr std::size_t most = 1024 * 1024;
        std::string text(most, '\0');
        const ssize_t bytes = ::read(file_, text.data(), text.size());
        if (bytes < 0) return std::unexpected(std::strerror(errno));
        if (bytes == static_cast<ssize_t>(most)) return std::unexpected("it is too long");
        text.resize(static_cast<std::size_t>(bytes));
        return text;
    }
    bool write(const std::string& text) const
    {
        return ::write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    }

private:
    const int file_;
};

std::expected<LinkList, std::string> kept(const std::string& path)
{
    const File file(path, O_RDONLY | O_NONBLOCK);
    if (!file && errno == ENOENT) return LinkList{};
    if (!file) return std::unexpected(std::strerror(errno));
    const auto text = file.read();
    if (!text) return std::unexpected(text.error());
    return LinkList::from(*text);
}

} // namespace

std::string link_file_name(const std::string& application)
{
    constexpr std::size_t longest = 200;
    std::string name;
    std::uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (const char c : application) {
        const auto byte = static_cast<unsigned char>(c);
        hash = (hash ^ byte) * 0x100000001b3;
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool plain = letter || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '@' ||
                           ((c == '.' || c == ' ') && !name.empty());
        char code[4];
        std::snprintf(code, sizeof code, "%%%02x", byte);
        name += plain ? std::string(1, c) : std::string(code);
    }
    char tail[24];
    std::snprintf(tail, sizeof tail, "-%016llx", static_cast<unsigned long long>(hash));
    constexpr std::size_t ending = sizeof ".links" - 1;
    if (name.size() + ending > longest)
        name = name.substr(0, longest - ending - std::strlen(tail)) + tail;
    return name + ".links";
}

LinkStore::LinkStore(const std::string& name)
{
    const std::string where = folder();
    if (where.empty()) return;
    path_ = where + "/" + link_file_name(name);
    auto list = kept(path_);
    if (list) {
        list_ = std::move(*list);
        return;
    }
    log(LogLevel::warning, path_ + ": " + list.error() +
                               "; the file stays as it is, and links are "
                               "made as if there were none");
    path_.clear();
}

void LinkStore::change(const Edit& edit)
{
    const LinkList before = list_;
    edit(list_);
    if (path_.empty()) return;
    if (list_ != before) unwritten_.push_back(edit);
    if (unwritten_.empty()) return;
    const Status written = write();
    if (written == Status::ok) {
        unwritten_.clear();
        return;
    }
    if (!std::exchange(complained_, true))
        log(LogLevel::warning,
            path_ + ": cannot be written; changes of the links hold for this run");
    if (written == Status::wrong_version) path_.clear();
}

Status LinkStore::write() const
{
    const std::filesystem::path path = path_;
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    const File lock(path.parent_path() / ".lock", O_RDWR | O_CREAT);
    if (!lock || !lock.lock()) return Status::system_error;
    auto list = kept(path_);
    if (!list) return Status::wrong_version; // another one has written it meanwhile
    for (const Edit& edit : unwritten_)
        edit(*list);
    bool written = false;
    if (list->empty()) {
        written = unlink(path_.c_str()) == 0 || errno == ENOENT;
    } else {
        const std::string fresh = path_ + ".new"; // ours alone while the lock is
        written = File(fresh, O_WRONLY | O_CREAT | O_TRUNC).write(list->text()) &&
                  std::rename(fresh.c_str(), path_.c_str()) == 0;
    }
    return written ? Status::ok : Status::system_error;
}

} // namespace asiowire
