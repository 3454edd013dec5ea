// SPDX-License-Identifier: MIT
#include "taps/file_names.hpp"
#include "taps/take_state.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

namespace asiowire {
namespace {

constexpr int most_takes_of_a_name = 10'000;

TakeSettings named(TakeSettings settings)
{
    if (settings.name.empty()) settings.name = "take";
    for (std::size_t i = 0; i < settings.tracks.size(); i++)
        if (settings.tracks[i].name.empty())
            settings.tracks[i].name = "track " + std::to_string(i + 1);
    return settings;
}

} // namespace

std::string file_reason(int error)
{
    switch (error) {
    case ENOSPC: return "the disk is full";
    case EDQUOT: return "the disk quota is used up";
    case EROFS: return "the file system is read-only";
    case EACCES:
    case EPERM: return "writing there is not permitted";
    case ENOENT: return "the folder does not exist";
    case ENOTDIR: return "it is no folder";
    case EFBIG: return "the file system takes no larger file";
    case EIO: return "the disk failed";
    case ENODEV:
    case ENXIO: return "the disk is gone";
    case EMFILE: return "this program may not open more files";
    case ENAMETOOLONG: return "the name is too long";
    default: return std::strerror(error);
    }
}

Take::State::State(TakeSettings wanted)
    : settings(named(std::move(wanted))), uid(new_take_uid()),
      time_(settings.started, settings.rate), part_({settings, time_, uid, counts}),
      step_(std::max<std::uint64_t>(settings.rate / 4 * 2, 2)) // even: TakePart::refresh
{
}

Take::Outcome Take::State::begin()
{
    if (Outcome made = make_folder(); !made) return made;
    const std::string into = "cannot record into " + path.string() + ": ";
    TakeFault fault;
    if (const int failed = log.open(folder.get())) fault = {failed, TakeLog::file_name};
    if (!fault) fault = part_.open(folder.get(), 1, 0);
    if (fault) {
        unlinkat(folder.get(), TakeLog::file_name, 0);
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
        return std::unexpected(into + file_reason(fault.error) + " (" + fault.file + ")");
    }
    counts.parts = 1;
    log_beginning();
    return {};
}

/// Never into a folder that is there: two takes in one would be none.
Take::Outcome Take::State::make_folder()
{
    const auto refused = [&](int error) {
        return Outcome(std::unexpected("cannot record into " + settings.folder.string() + ": " +
                                       file_reason(error)));
    };
    const Descriptor parent(
        open(settings.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent) return refused(errno);
    const std::string name = safe_file_name(settings.name, "take");
    std::string tried = name;
    for (int number = 2; mkdirat(parent.get(), tried.c_str(), 0777) != 0; number++) {
        if (errno != EEXIST || number > most_takes_of_a_name) return refused(errno);
        tried = name + "-" + std::to_string(number);
    }
    path = settings.folder / tried;
    folder = Descriptor(openat(parent.get(), tried.c_str(),
                               O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (folder) return {};
    const int error = errno;
    unlinkat(parent.get(), tried.c_str(), AT_REMOVEDIR);
    return refused(error);
}

void Take::State::log_beginning()
{
    std::vector<TakeLogLine> tracks;
    for (std::size_t i = 0; i < settings.tracks.size(); i++) {
        const TakeTrack& track = settings.tracks[i];
        tracks.push_back(TakeLogLine().number("number", i + 1).text("name", track.name));
        tracks.back().text("source", track.source).text("colour", track.colour);
    }
    const auto since_1970 = settings.started.time_since_epoch();
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count();
    log.append(TakeLogLine("begin")
                   .number("version", 1)
                   .text("take", settings.name)
                   .text("uid", uid)
                   .text("originator", settings.originator)
                   .text("started", time_.iso)
                   .number("unix_ns", static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0)))
                   .number("time_reference", time_.time_reference)
                   .number("rate", settings.rate)
                   .number("bits", 24)
                   .text("files", settings.polyphonic ? "polyphonic" : "mono")
                   .number("rotation", settings.rotation)
                   .number("refresh", step_)
                   .objects("tracks", tracks));
    log.append(TakeLogLine("part").number("part", 1).number("frame", 0).texts("files",
                                                                               part_.names()));
}

} // namespace asiowire
