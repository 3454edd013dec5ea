// SPDX-License-Identifier: MIT
#include "tools/hook_runner/wav_source.hpp"

#ifdef ASIOWIRE_SNDFILE
#include <sndfile.h>
#endif

namespace asiowire {

#ifdef ASIOWIRE_SNDFILE

namespace {

struct CloseFile {
    void operator()(SNDFILE* file) const { sf_close(file); }
};
using File = std::unique_ptr<SNDFILE, CloseFile>;

class WavSource : public hooks::BlockSource {
public:
    WavSource(File file, const SF_INFO& info)
        : file_(std::move(file)), rate_(static_cast<std::uint32_t>(info.samplerate)),
          channels_(static_cast<std::size_t>(info.channels)), interleaved_(channels_ * frames),
          planar_(channels_ * frames)
    {
        for (std::size_t c = 0; c < channels_; c++) {
            names_.push_back("in_" + std::to_string(c + 1));
            planes_.push_back(planar_.data() + c * frames);
        }
    }

    const std::vector<std::string>& names() const override { return names_; }

    Found next(hooks::SourceBlock& block) override
    {
        const sf_count_t got = sf_readf_float(file_.get(), interleaved_.data(), frames);
        if (got <= 0) return Found::ended;
        const auto count = static_cast<std::size_t>(got);
        for (std::size_t c = 0; c < channels_; c++)
            for (std::size_t i = 0; i < count; i++)
                planar_[c * frames + i] = interleaved_[i * channels_ + c];
        block = {static_cast<std::uint32_t>(count), rate_, position_, 0, planes_.data()};
        position_ += count;
        return Found::block;
    }

private:
    static constexpr std::size_t frames = 1024;
    File file_;
    std::uint32_t rate_;
    std::size_t channels_;
    std::uint64_t position_ = 0;
    std::vector<float> interleaved_;
    std::vector<float> planar_; // [channel][frame]
    std::vector<const float*> planes_;
    std::vector<std::string> names_;
};

} // namespace

std::expected<std::unique_ptr<hooks::BlockSource>, std::string> open_wav(const std::string& path)
{
    SF_INFO info{};
    File file(sf_open(path.c_str(), SFM_READ, &info));
    if (!file) return std::unexpected(path + ": " + sf_strerror(nullptr));
    return std::make_unique<WavSource>(std::move(file), info);
}

#else

std::expected<std::unique_ptr<hooks::BlockSource>, std::string> open_wav(const std::string& path)
{
    return std::unexpected(path + ": this build cannot read sound files; it was made without "
                                  "libsndfile");
}

#endif

} // namespace asiowire
