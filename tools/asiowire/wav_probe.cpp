// SPDX-License-Identifier: MIT
#include "tools/asiowire/wav_probe.hpp"

#include "taps/descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <unistd.h>
#include <vector>

namespace asiowire {
namespace {

constexpr std::uint64_t see_ds64 = 0xffff'ffff;

class Reader {
public:
    explicit Reader(const std::filesystem::path& path) : file_(path, std::ios::binary) {}

    bool is_open() const { return file_.is_open(); }

    /// Fewer bytes than asked for only at the file's end.
    std::string bytes(std::uint64_t at, std::size_t count)
    {
        std::string read(count, '\0');
        file_.clear();
        file_.seekg(static_cast<std::streamoff>(at));
        file_.read(read.data(), static_cast<std::streamsize>(count));
        read.resize(static_cast<std::size_t>(std::max<std::streamsize>(file_.gcount(), 0)));
        return read;
    }

private:
    std::ifstream file_;
};

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t width)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width && at + i < bytes.size(); i++)
        value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << 8 * i;
    return value;
}

void take_format(WavProbe& probe, std::string_view format)
{
    probe.channels = static_cast<std::uint32_t>(number(format, 2, 2));
    probe.rate = static_cast<std::uint32_t>(number(format, 4, 4));
    probe.bits = static_cast<std::uint32_t>(number(format, 14, 2));
}

/// Errors   a word for what is missing
std::optional<std::string> walk(Reader& file, WavProbe& probe)
{
    const std::string head = file.bytes(0, 12);
    probe.rf64 = head.starts_with("RF64");
    if ((!probe.rf64 && !head.starts_with("RIFF")) || head.substr(8) != "WAVE")
        return "it is no WAV file";
    std::uint64_t large_data = 0;
    for (std::uint64_t at = 12; at + 8 <= probe.size;) {
        const std::string chunk = file.bytes(at, 8);
        const std::string name = chunk.substr(0, 4);
        const std::uint64_t length = number(chunk, 4, 4);
        if (name == "ds64") large_data = number(file.bytes(at + 8, 28), 8, 8);
        if (name == "fmt ") take_format(probe, file.bytes(at + 8, 16));
        if (name == "bext") probe.uid = file.bytes(at + 8 + 256 + 32, 32).c_str();
        if (name == "data") {
            probe.samples_at = at + 8;
            probe.data = probe.rf64 && length == see_ds64 ? large_data : length;
            return probe.frame_bytes() > 0 ? std::nullopt
                                           : std::optional<std::string>("it has no format");
        }
        at += 8 + length + (length & 1);
    }
    return "it has no samples";
}

} // namespace

std::expected<WavProbe, std::string> WavProbe::read(const std::filesystem::path& path)
{
    const auto refused = [&](const std::string& why) {
        return std::unexpected(path.filename().string() + ": " + why);
    };
    WavProbe probe;
    std::error_code error;
    probe.size = std::filesystem::file_size(path, error);
    if (error) return refused(error.message());
    Reader file(path);
    if (!file.is_open()) return refused(std::strerror(errno));
    if (const auto missing = walk(file, probe)) return refused(*missing);
    return probe;
}

std::expected<bool, std::string> is_silent(const std::filesystem::path& path,
                                           const WavProbe& probe, std::uint64_t first,
                                           std::uint64_t frames)
{
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::vector<char> bytes(1 << 20);
    std::uint64_t at = probe.samples_at + first * probe.frame_bytes();
    const std::uint64_t end = at + frames * probe.frame_bytes();
    while (at < end) {
        const off_t next = lseek(file.get(), static_cast<off_t>(at), SEEK_DATA); // over the holes
        if (next < 0 && errno == ENXIO) return true;
        if (next > 0) at = static_cast<std::uint64_t>(next);
        if (at >= end) return true;
        const ssize_t read = pread(file.get(), bytes.data(), std::min(bytes.size(), end - at),
                                   static_cast<off_t>(at));
        if (read <= 0)
            return std::unexpected(path.filename().string() + ": it cannot be read to its end");
        const auto got = static_cast<std::size_t>(read);
        // Each byte is the next one: zero, when the first is. Faster than looking at each.
        if (bytes[0] != 0 || std::memcmp(bytes.data(), bytes.data() + 1, got - 1) != 0) return false;
        at += got;
    }
    return true;
}

} // namespace asiowire
