// SPDX-License-Identifier: MIT

#include "pipewire/process.hpp"

#include <array>
#include <cstdio>
#include <string>
#include <string_view>

namespace asiowire {

std::uint64_t start_time_of(pid_t pid)
{
    std::FILE* const file = std::fopen(("/proc/" + std::to_string(pid) + "/stat").c_str(), "re");
    if (file == nullptr) return 0;
    std::array<char, 1024> text{};
    const std::size_t bytes = std::fread(text.data(), 1, text.size() - 1, file);
    std::fclose(file);
    // The second field is the program's name in parentheses, and may hold anything.
    const std::size_t name_end = std::string_view(text.data(), bytes).rfind(')');
    if (name_end == std::string_view::npos) return 0;
    char state = 0;
    unsigned threads = 0;
    unsigned long long started = 0;
    constexpr char format[] = " %c %*s %*s %*s %*s %*s %*s %*s %*s" // fields 3 to 11
                              " %*s %*s %*s %*s %*s %*s %*s %*s %u %*s %llu"; // and on to 22
    const int fields = std::sscanf(text.data() + name_end + 1, format, &state, &threads, &started);
    // Ended, and nobody has asked for it yet; a program whose first thread alone has ended goes on.
    const bool over = (state == 'Z' || state == 'X') && threads <= 1;
    return fields == 3 && !over ? started : 0;
}

} // namespace asiowire
