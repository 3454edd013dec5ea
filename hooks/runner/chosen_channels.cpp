// SPDX-License-Identifier: MIT
#include "hooks/runner/chosen_channels.hpp"

#include <algorithm>

namespace asiowire::hooks {

namespace {

bool fits(std::string_view wish, std::string_view name)
{
    return wish == "all" || wish == name || (wish == "inputs" && name.starts_with("in_")) ||
           (wish == "outputs" && name.starts_with("out_"));
}

} // namespace

std::expected<std::vector<std::size_t>, std::string>
chosen_channels(std::string_view wish, const std::vector<std::string>& names)
{
    std::vector<std::size_t> chosen;
    for (std::size_t begin = 0; begin <= wish.size();) {
        const std::size_t end = std::min(wish.find(',', begin), wish.size());
        const std::string_view one = wish.substr(begin, end - begin);
        const std::size_t before = chosen.size();
        for (std::size_t i = 0; i < names.size(); i++)
            if (fits(one, names[i])) chosen.push_back(i);
        if (chosen.size() == before)
            return std::unexpected(
                "channels: there is no '" + std::string(one) + "'; there are " +
                (names.empty() ? "none" : names.front() + " to " + names.back() +
                                              ", and 'inputs', 'outputs', 'all'"));
        begin = end + 1;
    }
    return chosen;
}

} // namespace asiowire::hooks
