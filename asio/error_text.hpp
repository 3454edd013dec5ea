// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace asiowire {

/// A sentence of the size that getErrorMessage may write: hosts give it 124 bytes, some give more.
class ErrorText {
public:
    static constexpr std::size_t bytes = 124; // with the NUL

    /// Keeps what fits, cut between two characters of UTF-8.
    void store(std::string_view sentence)
    {
        std::size_t length = std::min(sentence.size(), bytes - 1);
        const auto continues = [&](std::size_t i) {
            return (static_cast<unsigned char>(sentence[i]) & 0xc0) == 0x80;
        };
        if (length < sentence.size())
            while (length > 0 && continues(length)) length--;
        std::memcpy(text_, sentence.data(), length);
        text_[length] = '\0';
    }

    /// Writes the sentence and its NUL, not a byte more.
    void write(char* to) const { std::memcpy(to, text_, std::strlen(text_) + 1); }

private:
    char text_[bytes] = "";
};

} // namespace asiowire
