// SPDX-License-Identifier: MIT
#include "hooks/volterra_fft_memory.hpp"

#include <algorithm>
#include <charconv>

namespace asiowire {

namespace {

/// FFTW's buffers are on the stack while they are smaller than this.
constexpr std::size_t stack = std::size_t{64} * 1024;

constexpr std::string_view always[] = {"-buffered-",     "-rdft-r2hc-", "-rdft-hc2r-",
                                       "-bluestein-",    "-rader-",     "-genericbuf/",
                                       "rdft-transpose-"};

/// The number that `text` begins with.
std::size_t number(std::string_view text)
{
    std::size_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Of "…directbuf/BATCH-SIZE…" or "…directbuf/BATCH-r2c-SIZE…", after the slash: numbers in its
/// buffer, which holds BATCH vectors of SIZE, complex except those of r2c.
std::size_t numbers_in_buffer(std::string_view text)
{
    constexpr std::string_view real = "r2c-";
    const std::size_t batch = number(text);
    text.remove_prefix(std::min(text.size(), text.find('-') + 1));
    if (!text.starts_with(real)) return 2 * batch * number(text);
    text.remove_prefix(real.size());
    return batch * number(text);
}

} // namespace

bool fftw_plan_allocates(std::string_view printed, std::size_t value)
{
    const auto is_in = [&](std::string_view name) { return printed.contains(name); };
    if (std::ranges::any_of(always, is_in)) return true;
    constexpr std::string_view direct = "directbuf/";
    for (std::size_t at = printed.find(direct); at != std::string_view::npos;
         at = printed.find(direct, at + 1))
        if (numbers_in_buffer(printed.substr(at + direct.size())) * value >= stack) return true;
    return false;
}

} // namespace asiowire
