// SPDX-License-Identifier: MIT
#include "taps/descriptor.hpp"
#include "taps/take_log.hpp"
#include "tools/asiowire/take.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace asiowire {
namespace {

constexpr std::uint64_t most_riff = 0xffff'fffe;
constexpr std::uint32_t see_ds64 = 0xffff'ffff;

std::string little_endian(std::uint64_t value, std::size_t width)
{
    std::string bytes;
    for (std::size_t i = 0; i < width; i++) bytes += static_cast<char>(value >> 8 * i);
    return bytes;
}

bool put(int file, std::uint64_t at, const std::string& bytes)
{
    return pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at)) ==
           static_cast<ssize_t>(bytes.size());
}

/// Errors   an errno
int shorten(const std::filesystem::path& path, const WavProbe& probe, std::uint64_t frames)
{
    const std::uint64_t data = frames * probe.frame_bytes();
    const std::uint64_t riff = probe.samples_at - 8 + data;
    const bool large = probe.rf64 || riff > most_riff;
    const Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || ftruncate(file.get(), static_cast<off_t>(probe.samples_at + data)) != 0)
        return errno;
    std::string head = large ? "RF64" : "RIFF";
    head += little_endian(large ? see_ds64 : riff, 4) + "WAVE";
    if (large)
        head += "ds64" + little_endian(28, 4) + little_endian(riff, 8) + little_endian(data, 8) +
                little_endian(frames, 8) + little_endian(0, 4);
    const std::string length = little_endian(large ? see_ds64 : data, 4);
    if (!put(file.get(), 0, head) || !put(file.get(), probe.samples_at - 4, length)) return errno;
    return fdatasync(file.get()) == 0 ? 0 : errno;
}

/// Without the half line that a kill may have left.
/// Errors   an errno
int append_to_log(const std::filesystem::path& path, const TakeLogLine& line)
{
    const Descriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file) return errno;
    off_t end = lseek(file.get(), 0, SEEK_END);
    std::string last; // what stands behind the last end of a line
    for (char byte = 0; end > 0; end--) {
        if (pread(file.get(), &byte, 1, end - 1) != 1) return errno;
        if (byte == '\n') break;
        last.insert(last.begin(), byte);
    }
    const std::string kept = nlohmann::json::accept(last) ? last + "\n" : "";
    if (ftruncate(file.get(), end) != 0) return errno;
    return put(file.get(), static_cast<std::uint64_t>(end), kept + line.done() + "\n") ? 0 : errno;
}

} // namespace

std::expected<std::uint64_t, std::string> repair_take(const std::filesystem::path& folder,
                                                      const TakeStory& story,
                                                      const TakeVerdict& verdict)
{
    const auto refused = [&](const std::string& why) {
        return std::unexpected(folder.string() + " is not repaired: " + why);
    };
    if (verdict.ending != TakeVerdict::Ending::killed)
        return refused(std::string("the take is ") + word(verdict.ending) + ", not killed");
    if (story.parts.back().end) return refused("no file is open: it ends where two files meet");
    std::vector<std::pair<std::filesystem::path, WavProbe>> files;
    std::uint64_t frames = std::numeric_limits<std::uint64_t>::max();
    for (const std::string& name : story.parts.back().files) {
        const auto probe = WavProbe::read(folder / name);
        if (!probe) return refused(probe.error());
        if (probe->uid != story.uid) return refused(name + " belongs to another take");
        frames = std::min(frames, probe->frames_there());
        files.emplace_back(folder / name, *probe);
    }
    frames &= ~std::uint64_t{1}; // no padding
    for (const auto& [path, probe] : files)
        if (const int failed = shorten(path, probe, frames))
            return refused(path.filename().string() + ": " + std::strerror(failed));
    const std::uint64_t all = story.parts.back().frame + frames;
    const TakeLogLine line = TakeLogLine("repaired").number("frame", all);
    if (const int failed = append_to_log(folder / TakeLog::file_name, line))
        return refused(std::string(TakeLog::file_name) + ": " + std::strerror(failed));
    return all;
}

} // namespace asiowire
