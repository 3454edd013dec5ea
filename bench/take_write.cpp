// SPDX-License-Identifier: MIT
// taps/take-write-*: what it costs to write 32 channels at 48 kHz from planar float32 to 24-bit files
// in blocks of 10 ms, beside libsndfile with clipping doing the same. Both have the disk finish in
// the end; takes keep their headers fresh on the way, libsndfile does not.
//
// Usage: take_write PAIRS FOLDER. Prints one line of JSON per layout and pair: µs of processor time
// (user and system) per second of audio.

#include "taps/take.hpp"

#include <sndfile.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace fs = std::filesystem;

namespace {

constexpr std::size_t channels = 32, frames = 480;
constexpr int rate = 48000, seconds = 20, blocks = seconds * rate / static_cast<int>(frames);

std::vector<float> input(channels * frames);
std::array<const float*, channels> planes;

double processor_us()
{
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto us = [](const timeval& time) {
        return 1e6 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec);
    };
    return us(used.ru_utime) + us(used.ru_stime);
}

template <class Task> double cost(const fs::path& folder, Task&& task)
{
    fs::create_directories(folder);
    const double begin = processor_us();
    task();
    const double used = processor_us() - begin;
    fs::remove_all(folder);
    return used / seconds;
}

void take(const fs::path& folder, bool polyphonic)
{
    asiowire::TakeSettings settings;
    settings.folder = folder;
    settings.tracks.resize(channels);
    settings.polyphonic = polyphonic;
    auto begun = asiowire::Take::begin(std::move(settings));
    bool well = begun.has_value();
    for (int i = 0; well && i < blocks; i++) well = begun->write(planes, frames).has_value();
    if (!well || !begun->finish()) std::abort();
}

using File = std::unique_ptr<SNDFILE, int (*)(SNDFILE*)>;

File sound_file(const fs::path& path, std::size_t width)
{
    SF_INFO info{};
    info.samplerate = rate;
    info.channels = static_cast<int>(width);
    info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_24;
    File file(sf_open(path.c_str(), SFM_WRITE, &info), sf_close);
    if (!file) std::abort();
    sf_command(file.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
    return file;
}

void wait_for(const fs::path& path)
{
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0 || fdatasync(file) != 0) std::abort();
    close(file);
}

void libsndfile_mono(const fs::path& folder)
{
    std::vector<fs::path> paths;
    std::vector<File> files;
    for (std::size_t c = 0; c < channels; c++)
        paths.push_back(folder / (std::to_string(c) + ".wav"));
    for (const fs::path& path : paths) files.push_back(sound_file(path, 1));
    for (int i = 0; i < blocks; i++)
        for (std::size_t c = 0; c < channels; c++)
            sf_writef_float(files[c].get(), planes[c], frames);
    files.clear();
    for (const fs::path& path : paths) wait_for(path);
}

void libsndfile_polyphonic(const fs::path& folder)
{
    File file = sound_file(folder / "all.wav", channels);
    std::vector<float> interleaved(channels * frames);
    for (int i = 0; i < blocks; i++) {
        for (std::size_t f = 0; f < frames; f++)
            for (std::size_t c = 0; c < channels; c++) interleaved[f * channels + c] = planes[c][f];
        sf_writef_float(file.get(), interleaved.data(), frames);
    }
    file.reset();
    wait_for(folder / "all.wav");
}

} // namespace

int main(int count, char** words)
{
    const int pairs = count == 3 ? std::atoi(words[1]) : 0;
    if (pairs <= 0) return 2;
    const fs::path folder = fs::path(words[2]) / "take-write";
    std::mt19937 random(1);
    std::uniform_real_distribution<float> audio(-1.0f, 1.0f);
    for (float& sample : input) sample = audio(random);
    for (std::size_t c = 0; c < channels; c++) planes[c] = &input[c * frames];
    for (int i = 0; i < pairs; i++)
        for (const bool polyphonic : {false, true}) {
            const double ours = cost(folder, [&] { take(folder, polyphonic); });
            const double theirs = cost(folder, [&] {
                polyphonic ? libsndfile_polyphonic(folder) : libsndfile_mono(folder);
            });
            std::printf("{\"layout\": \"%s\", \"ours\": %.1f, \"libsndfile\": %.1f}\n",
                        polyphonic ? "poly" : "mono", ours, theirs);
        }
    return 0;
}
