// SPDX-License-Identifier: MIT

#include "tools/asiowire/console_names.hpp"

#include <chrono>
#include <utility>

namespace asiowire {

std::expected<ConsoleNames, std::string> ConsoleNames::ask(const std::string& host,
                                                           std::vector<std::uint32_t> channels)
{
    ConsoleNames names;
    names.channels_ = std::move(channels);
    if (host.empty()) return names;
    auto console = X32Names::connect(host);
    if (!console) return std::unexpected(console.error());
    names.console_ = std::move(*console);
    names.console_->wait_names(std::chrono::seconds(2));
    return names;
}

void ConsoleNames::name(std::vector<TakeTrack>& tracks) const
{
    if (!console_) return;
    const std::vector<TrackName> said = console_->names();
    for (std::size_t i = 0; i < channels_.size(); i++) {
        if (channels_[i] >= said.size()) continue;
        tracks[i].name = said[channels_[i]].name;
        tracks[i].colour = said[channels_[i]].colour;
    }
}

std::vector<std::string> ConsoleNames::follow(Recorder& recorder) const
{
    std::vector<std::string> sentences;
    if (!console_) return sentences;
    while (const auto change = console_->poll())
        for (std::size_t i = 0; i < channels_.size() && change->renamed(); i++)
            if (static_cast<int>(channels_[i]) + 1 == change->usb) {
                recorder.rename(i, change->now.name);
                sentences.push_back(change->words());
            }
    while (auto remark = console_->poll_remark()) sentences.push_back(std::move(*remark));
    return sentences;
}

} // namespace asiowire
