// SPDX-License-Identifier: MIT

#include "pipewire/pin_ledger.hpp"

#include "pipewire/process.hpp"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace asiowire {

namespace {

/// What the file begins with; another version's record is not understood, and so not touched.
constexpr const char* first_word = "asiowire-pin-1";

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// A folder that is cleared at the session's end, as the graph's settings are; "" when there is none.
std::string folder()
{
    if (const std::string runtime = variable("XDG_RUNTIME_DIR"); !runtime.empty()) return runtime;
    std::string state = variable("XDG_STATE_HOME");
    if (state.empty() && !variable("HOME").empty()) state = variable("HOME") + "/.local/state";
    return state;
}

} // namespace

std::string PinRecord::text() const
{
    if (empty()) return {};
    std::ostringstream out;
    out << first_word << "\nbefore " << before.quantum << ' ' << before.rate << "\nwritten "
        << written.quantum << ' ' << written.rate << '\n';
    for (const PinOwner& owner : owners)
        out << "owner " << owner.pid << ' ' << owner.started << ' ' << owner.engine << ' '
            << owner.wish.quantum << ' ' << owner.wish.rate << '\n';
    out << "end\n";
    return out.str();
}

PinRecord PinRecord::from(const std::string& text)
{
    std::istringstream in(text);
    PinRecord record;
    std::string word;
    if (!(in >> word) || word != first_word) return {};
    while (in >> word && word != "end") {
        if (word == "before") {
            in >> record.before.quantum >> record.before.rate;
        } else if (word == "written") {
            in >> record.written.quantum >> record.written.rate;
        } else if (word == "owner") {
            PinOwner& owner = record.owners.emplace_back();
            in >> owner.pid >> owner.started >> owner.engine >> owner.wish.quantum >>
                owner.wish.rate;
        } else {
            return {};
        }
    }
    return in ? record : PinRecord{};
}

void PinRecord::forget_the_dead()
{
    std::erase_if(owners, [](const PinOwner& owner) {
        return owner.started == 0 || start_time_of(owner.pid) != owner.started;
    });
}

void PinRecord::enter(const PinOwner& owner, const Forced& now)
{
    if (now.quantum != written.quantum) before.quantum = now.quantum;
    if (now.rate != written.rate) before.rate = now.rate;
    forget_the_dead();
    std::erase_if(owners, [&](const PinOwner& other) {
        return other.pid == owner.pid && other.engine == owner.engine;
    });
    owners.push_back(owner);
    written = owner.wish;
}

Forced PinRecord::leave(const PinOwner& owner, const Forced& now)
{
    forget_the_dead();
    std::erase_if(owners, [&](const PinOwner& other) {
        return other.pid == owner.pid && other.engine == owner.engine;
    });
    const Forced next = owners.empty() ? before : owners.back().wish;
    Forced result = now;
    if (now.quantum == written.quantum) result.quantum = written.quantum = next.quantum;
    if (now.rate == written.rate) result.rate = written.rate = next.rate;
    if (owners.empty()) *this = {};
    return result;
}

PinLedger::PinLedger(int file) : file_(file) {}

PinLedger::PinLedger(PinLedger&& other) noexcept
    : record(std::move(other.record)), file_(std::exchange(other.file_, -1))
{
}

PinLedger::~PinLedger()
{
    if (file_ >= 0) close(file_); // and the lock with it
}

Result<PinLedger> PinLedger::open(std::uint32_t daemon, bool make)
{
    const std::string where = folder();
    if (where.empty()) return std::unexpected(Status::system_error);
    if (make) mkdir(where.c_str(), 0700); // mostly there; if not to be made, the next line tells
    char name[48];
    std::snprintf(name, sizeof name, "/asiowire-pin-%08x", daemon);
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (make ? O_CREAT : 0);
    const int file = ::open((where + name).c_str(), flags, 0600);
    if (file < 0)
        return std::unexpected(errno == ENOENT ? Status::unsupported : Status::system_error);
    PinLedger ledger(file);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (flock(file, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || std::chrono::steady_clock::now() > deadline)
            return std::unexpected(Status::system_error);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    std::string text(64 * 1024, '\0');
    const ssize_t bytes = pread(file, text.data(), text.size(), 0);
    if (bytes < 0) return std::unexpected(Status::system_error);
    text.resize(static_cast<std::size_t>(bytes));
    ledger.record = PinRecord::from(text);
    return ledger;
}

Status PinLedger::save() const
{
    // The text goes in by one call and before the rest is cut off: it ends by itself.
    const std::string text = record.text();
    const ssize_t written = pwrite(file_, text.data(), text.size(), 0);
    if (written != static_cast<ssize_t>(text.size())) return Status::system_error;
    const bool cut = ftruncate(file_, static_cast<off_t>(text.size())) == 0;
    return cut ? Status::ok : Status::system_error;
}

} // namespace asiowire
