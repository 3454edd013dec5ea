// SPDX-License-Identifier: MIT
#include "play.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>

namespace asiohost {
namespace {

constexpr std::uint16_t kPcm = 1;
constexpr std::size_t kChunkHead = 8, kFirstChunk = 12, kFormatBytes = 16;

std::uint32_t number(const std::vector<unsigned char>& bytes, std::size_t at, int count)
{
    std::uint32_t value = 0;
    for (int i = count; i-- > 0;)
        value = value << 8 | bytes[at + static_cast<std::size_t>(i)];
    return value;
}

float sample(const std::vector<unsigned char>& bytes, std::size_t at)
{
    const auto code = static_cast<std::int32_t>(number(bytes, at, 3) << 8) / 256;
    return static_cast<float>(code) / 8388608.0F;
}

} // namespace

Result<Sound> read_sound(const std::string& path)
{
    const auto refuse = [&](const std::string& why) {
        return failure(ExitCode::usage, "--play " + path + ": " + why);
    };
    std::ifstream file(path, std::ios::binary);
    if (!file) return refuse("cannot be opened.");
    const std::vector<unsigned char> bytes{std::istreambuf_iterator<char>(file),
                                           std::istreambuf_iterator<char>()};
    if (bytes.size() < kFirstChunk || std::memcmp(bytes.data(), "RIFF", 4) != 0 ||
        std::memcmp(bytes.data() + 8, "WAVE", 4) != 0)
        return refuse("is no WAV file.");
    Sound sound;
    for (std::size_t at = kFirstChunk; at + kChunkHead <= bytes.size();) {
        const std::size_t begin = at + kChunkHead;
        const std::size_t size =
            std::min<std::size_t>(number(bytes, at + 4, 4), bytes.size() - begin);
        if (std::memcmp(bytes.data() + at, "fmt ", 4) == 0 && size >= kFormatBytes) {
            const unsigned channels = number(bytes, begin + 2, 2);
            const unsigned bits = number(bytes, begin + 14, 2);
            if (number(bytes, begin, 2) != kPcm || channels != 1 || bits != 24)
                return refuse(format("has %u channels of %u bits; one channel of 24-bit PCM is "
                                     "needed.",
                                     channels, bits));
            sound.rate = number(bytes, begin + 4, 4);
        } else if (std::memcmp(bytes.data() + at, "data", 4) == 0 && sound.rate > 0) {
            for (std::size_t i = 0; i + 3 <= size; i += 3)
                sound.samples.push_back(sample(bytes, begin + i));
            break;
        }
        at = begin + size + size % 2;
    }
    if (sound.samples.empty()) return refuse("has no samples.");
    return sound;
}

} // namespace asiohost
