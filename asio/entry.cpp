// SPDX-License-Identifier: MIT

#include "asio/entry.hpp"

#include "asio/registration.hpp"

#include <algorithm>
#include <cstdint>

namespace asiowire {

namespace {

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash)
{
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash ^ hash >> 29;
}

int digit(wchar_t c)
{
    if (c >= L'0' && c <= L'9') return c - L'0';
    if (c >= L'a' && c <= L'f') return c - L'a' + 10;
    return -1;
}

/// %20 and the like; everything else stands for itself.
std::string decoded(std::wstring_view value)
{
    std::string text;
    for (std::size_t i = 0; i < value.size(); i++) {
        const bool code = value[i] == L'%' && i + 2 < value.size() && digit(value[i + 1]) >= 0 &&
                          digit(value[i + 2]) >= 0;
        if (code) {
            text += static_cast<char>(digit(value[i + 1]) * 16 + digit(value[i + 2]));
            i += 2;
        } else if (value[i] < 0x80) {
            text += static_cast<char>(value[i]);
        }
    }
    return text;
}

} // namespace

CLSID clsid_of_device(std::string_view device)
{
    const std::uint64_t high = fnv1a(device, 0xcbf29ce484222325);
    const std::uint64_t low = fnv1a(device, 0x097fcc47279146bd);
    CLSID clsid{};
    clsid.Data1 = static_cast<std::uint32_t>(high >> 32);
    clsid.Data2 = static_cast<std::uint16_t>(high >> 16);
    clsid.Data3 =
        static_cast<std::uint16_t>((high & 0x0fff) | 0x8000); // version 8: one's own scheme
    for (int i = 0; i < 8; i++)
        clsid.Data4[i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
    clsid.Data4[0] = static_cast<std::uint8_t>((clsid.Data4[0] & 0x3f) | 0x80);
    return clsid;
}

std::optional<Entry> Entry::find(REFCLSID clsid)
{
    if (IsEqualGUID(clsid, driver_clsid)) return Entry{};
    return registered_entry(clsid);
}

Entry Entry::from_words(std::wstring_view words)
{
    Entry entry;
    entry.name.clear();
    while (!words.empty()) {
        const std::size_t end = std::min(words.find(L'&'), words.size());
        const std::wstring_view word = words.substr(0, end);
        const std::size_t equals = std::min(word.find(L'='), word.size());
        const std::wstring_view key = word.substr(0, equals);
        const std::string value = decoded(word.substr(std::min(equals + 1, word.size())));
        if (key == L"device") entry.device = value;
        if (key == L"name") entry.name = value;
        if (key == L"capture") entry.capture = value;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    entry.clsid = clsid_of_device(entry.device);
    return entry;
}

} // namespace asiowire
