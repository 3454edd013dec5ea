// SPDX-License-Identifier: MIT
#include "taps/take.hpp"

#include "taps/file_names.hpp"
#include "taps/take_state.hpp"

namespace asiowire {
namespace {

/// Errors   a sentence: what does not fit, and what would
Take::Outcome check(const TakeSettings& settings)
{
    const std::size_t tracks = settings.tracks.size();
    if (tracks < 1 || tracks > 256)
        return std::unexpected("a take has 1 to 256 tracks, not " + std::to_string(tracks));
    if (settings.rate < 1 || settings.rate > 1'000'000)
        return std::unexpected("a take's rate is 1 to 1000000 Hz, not " +
                               std::to_string(settings.rate));
    return {};
}

} // namespace

std::expected<Take, std::string> Take::begin(TakeSettings settings)
{
    if (Outcome fits = check(settings); !fits) return std::unexpected(fits.error());
    auto state = std::make_unique<State>(std::move(settings));
    if (Outcome begun = state->begin(); !begun) return std::unexpected(begun.error());
    return Take(std::move(state));
}

Take::Take(std::unique_ptr<State> state) : state_(std::move(state)) {}
Take::Take(Take&&) noexcept = default;

Take& Take::operator=(Take&& other) noexcept
{
    std::swap(state_, other.state_);
    return *this;
}

Take::~Take()
{
    if (state_) static_cast<void>(state_->finish());
}

Take::Outcome Take::write(std::span<const TakeBlock> blocks)
{
    return state_->write(blocks);
}

Take::Outcome Take::write(std::span<const float* const> channels, std::size_t frames)
{
    const TakeBlock block{channels, frames};
    return state_->write({&block, 1});
}

Take::Outcome Take::silence(std::uint64_t frames)
{
    return state_->silence(frames);
}

void Take::mark(std::uint64_t frame, std::string_view text)
{
    if (state_->mark(TakeLogLine("mark").number("frame", frame).text("text", text),
                     {frame, 0, clean_text(text)}))
        state_->counts.marks++;
}

void Take::graph_xrun(std::uint64_t frame)
{
    if (state_->mark(TakeLogLine("xrun").number("frame", frame), {frame, 0, "graph xrun"}))
        state_->counts.xruns++;
}

void Take::track_renamed(std::uint64_t frame, std::size_t track, std::string_view name)
{
    const std::string number = std::to_string(track + 1);
    state_->mark(TakeLogLine("renamed")
                     .number("frame", frame)
                     .number("track", track + 1)
                     .text("name", name),
                 {frame, 0, "track " + number + " is now " + clean_text(name)});
}

void Take::remark(std::string_view text)
{
    state_->log.append(
        TakeLogLine("remark").number("frame", state_->counts.frames).text("text", text));
}

Take::Outcome Take::refresh()
{
    return state_->refresh();
}

Take::Outcome Take::finish()
{
    return state_->finish();
}

const std::filesystem::path& Take::folder() const
{
    return state_->path;
}

const std::string& Take::uid() const
{
    return state_->uid;
}

const TakeCounts& Take::counts() const
{
    return state_->counts;
}

std::uint64_t Take::free_bytes() const
{
    return state_->free_bytes();
}

} // namespace asiowire
