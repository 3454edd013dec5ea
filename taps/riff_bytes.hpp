// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace asiowire {

/// Bytes in the making, as RIFF wants them: little-endian, chunks of even length.
class RiffBytes {
public:
    /// An unsigned integer, as wide as its type.
    template <class Number> RiffBytes& number(Number value)
    {
        for (std::size_t i = 0; i < sizeof value; i++)
            bytes_.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> 8 * i));
        return *this;
    }

    RiffBytes& text(std::string_view text)
    {
        bytes_.insert(bytes_.end(), text.begin(), text.end());
        return *this;
    }

    RiffBytes& append(const RiffBytes& more)
    {
        bytes_.insert(bytes_.end(), more.bytes_.begin(), more.bytes_.end());
        return *this;
    }

    RiffBytes& zeros(std::size_t count)
    {
        bytes_.resize(bytes_.size() + count);
        return *this;
    }

    /// A text in a field of fixed width, cut off between two characters where it is too long.
    RiffBytes& field(std::string_view text, std::size_t width)
    {
        std::size_t bytes = text.size() < width ? text.size() : width;
        while (bytes > 0 && bytes < text.size() && (text[bytes] & 0xc0) == 0x80) bytes--; // UTF-8
        return this->text(text.substr(0, bytes)).zeros(width - bytes);
    }

    /// A chunk with its name and length, padded.
    RiffBytes& chunk(std::string_view name, const RiffBytes& payload)
    {
        text(name).number(static_cast<std::uint32_t>(payload.size()));
        return append(payload).zeros(payload.size() & 1);
    }

    std::size_t size() const { return bytes_.size(); }
    const std::uint8_t* data() const { return bytes_.data(); }
    std::vector<std::uint8_t> done() && { return std::move(bytes_); }

private:
    std::vector<std::uint8_t> bytes_;
};

} // namespace asiowire
