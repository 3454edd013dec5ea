// SPDX-License-Identifier: MIT
#include "taps/wav_header.hpp"

#include <cstring>

namespace asiowire {
namespace {

constexpr std::uint32_t see_ds64 = 0xffff'ffff;
constexpr std::size_t chunk_head = 8;
constexpr std::size_t ds64_at = 12; // EBU Tech 3306: the first chunk, or it is not found
constexpr std::size_t ds64_bytes = 28;

/// The PCM format's identity behind its first two bytes, which are the tag.
constexpr std::uint8_t rest_of_guid[14] = {0,    0,    0,    0,    0x10, 0,    0x80,
                                           0,    0,    0xaa, 0,    0x38, 0x9b, 0x71};

RiffBytes format(std::uint32_t rate, std::uint16_t channels)
{
    constexpr std::uint16_t pcm = 1, extensible = 0xfffe, bits = 24;
    const bool many = channels > 2;
    const auto frame = static_cast<std::uint16_t>(channels * bits / 8);
    RiffBytes bytes;
    bytes.number(many ? extensible : pcm).number(channels).number(rate);
    bytes.number(rate * frame).number(frame).number(bits);
    if (many) {
        // Speakers: none. These are tracks, and no position would be true.
        bytes.number<std::uint16_t>(22).number(bits).number<std::uint32_t>(0).number(pcm);
        for (const std::uint8_t byte : rest_of_guid) bytes.number(byte);
    }
    return bytes;
}

} // namespace

WavHeader::WavHeader(std::uint32_t rate, std::uint16_t channels, const RiffBytes& chunks,
                     std::uint64_t riff_limit)
    : frame_bytes_(channels * 3u), riff_limit_(riff_limit)
{
    RiffBytes all;
    all.text("RIFF").zeros(4).text("WAVE").chunk("JUNK", RiffBytes().zeros(ds64_bytes));
    all.chunk("fmt ", format(rate, channels));
    all.append(chunks);
    const std::size_t used = all.size() + 2 * chunk_head; // of the filler and of the samples
    all.chunk("JUNK", RiffBytes().zeros((page - used % page) % page));
    all.text("data").zeros(4);
    bytes_ = std::move(all).done();
    set_sizes(0, 0);
}

void WavHeader::set_sizes(std::uint64_t data, std::uint64_t trailer)
{
    const std::uint64_t riff = bytes_.size() - chunk_head + data + trailer;
    const bool large = riff > riff_limit_;
    put_text(0, large ? "RF64" : "RIFF");
    put(4, large ? see_ds64 : static_cast<std::uint32_t>(riff));
    put_text(ds64_at, large ? "ds64" : "JUNK");
    const std::size_t at = ds64_at + chunk_head;
    put<std::uint64_t>(at, large ? riff : 0);
    put<std::uint64_t>(at + 8, large ? data : 0);
    put<std::uint64_t>(at + 16, large ? data / frame_bytes_ : 0);
    put(bytes_.size() - 4, large ? see_ds64 : static_cast<std::uint32_t>(data));
}

template <class Number> void WavHeader::put(std::size_t at, Number value)
{
    for (std::size_t i = 0; i < sizeof value; i++)
        bytes_[at + i] = static_cast<std::uint8_t>(value >> 8 * i);
}

void WavHeader::put_text(std::size_t at, const char* four)
{
    std::memcpy(bytes_.data() + at, four, 4);
}

} // namespace asiowire
