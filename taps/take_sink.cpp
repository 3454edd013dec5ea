// SPDX-License-Identifier: MIT

#include "taps/take_sink.hpp"

#include <utility>

namespace asiowire {

namespace {

class TakeOnDisk final : public TakeSink {
public:
    explicit TakeOnDisk(Take take) : take_(std::move(take)) {}

    Outcome write(std::span<const TakeBlock> blocks) override { return take_.write(blocks); }
    Outcome silence(std::uint64_t frames) override { return take_.silence(frames); }
    void mark(std::uint64_t frame, std::string_view text) override { take_.mark(frame, text); }
    void graph_xrun(std::uint64_t frame) override { take_.graph_xrun(frame); }
    void track_renamed(std::uint64_t frame, std::size_t track, std::string_view name) override
    {
        take_.track_renamed(frame, track, name);
    }
    void remark(std::string_view text) override { take_.remark(text); }
    Outcome finish() override { return take_.finish(); }
    std::filesystem::path folder() const override { return take_.folder(); }
    TakeCounts counts() const override { return take_.counts(); }
    std::uint64_t free_bytes() const override { return take_.free_bytes(); }

private:
    Take take_;
};

} // namespace

TakeMaker takes_on_disk()
{
    return [](TakeSettings settings) -> std::expected<std::unique_ptr<TakeSink>, std::string> {
        auto take = Take::begin(std::move(settings));
        if (!take) return std::unexpected(take.error());
        return std::make_unique<TakeOnDisk>(std::move(*take));
    };
}

} // namespace asiowire
