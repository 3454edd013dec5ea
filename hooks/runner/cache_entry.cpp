// SPDX-License-Identifier: MIT
#include "hooks/runner/cache_entry.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace asiowire::hooks {

namespace {

/// FNV-1a, from two beginnings. A key is compared whole: nothing but a file's name and the detection
/// of damage depends on it.
std::string fingerprint(const std::string& text)
{
    constexpr std::uint64_t prime = 1099511628211u;
    std::uint64_t a = 14695981039346656037u;
    std::uint64_t b = 0x9e3779b97f4a7c15u;
    for (const char c : text) {
        a = (a ^ static_cast<unsigned char>(c)) * prime;
        b = (b ^ static_cast<unsigned char>(c)) * prime;
    }
    std::array<char, 33> hex{};
    std::snprintf(hex.data(), hex.size(), "%016llx%016llx", static_cast<unsigned long long>(a),
                  static_cast<unsigned long long>(b));
    return hex.data();
}

bool is_ours_alone(const std::string& path)
{
    struct stat facts{};
    return lstat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
           facts.st_uid == geteuid() && (facts.st_mode & 022) == 0;
}

} // namespace

std::string contents_of(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

CacheEntry::CacheEntry(const std::string& cache, std::string key)
    : key_(std::move(key)), stem_(cache + "/" + fingerprint(key_))
{
}

bool CacheEntry::is_good() const
{
    return is_ours_alone(object()) && is_ours_alone(record()) &&
           contents_of(record()) == recorded(contents_of(object()));
}

std::string CacheEntry::draft() const
{
    return stem_ + "." + std::to_string(getpid()) + "." + std::to_string(gettid());
}

bool CacheEntry::take(const std::string& draft) const
{
    const std::string new_record = draft + ".key";
    std::ofstream file(new_record, std::ios::binary | std::ios::trunc);
    file << recorded(contents_of(draft));
    file.close();
    return file.good() && chmod(draft.c_str(), 0700) == 0 &&
           std::rename(draft.c_str(), object().c_str()) == 0 &&
           std::rename(new_record.c_str(), record().c_str()) == 0;
}

std::string CacheEntry::recorded(const std::string& object) const
{
    return fingerprint(object) + "\n" + key_;
}

} // namespace asiowire::hooks
