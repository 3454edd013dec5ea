// SPDX-License-Identifier: MIT
#include "tools/asiowire/sweep_file.hpp"

#include "hooks/ready/sweep_words.h"
#include "hooks/volterra_excitation.hpp"
#include "taps/pack24.hpp"
#include "taps/wav_header.hpp"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <unistd.h>

namespace asiowire {

namespace {

/// Silence around the sweep: before it the noise is measured, after it the response ends.
constexpr double seconds_before = 1, seconds_after = 2;
constexpr std::uint64_t riff_limit = 0xffff'ffff;

struct Number {
    const char* key;
    double least;
    double most;
    double value;
};

/// Errors   a sentence
std::string set(std::vector<Number>& numbers, const std::string& word)
{
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    for (Number& number : numbers) {
        if (key != number.key || equals == std::string::npos) continue;
        const std::string text = word.substr(equals + 1);
        char* end = nullptr;
        const double value = std::strtod(text.c_str(), &end);
        if (end != text.c_str() && *end == '\0' && value >= number.least && value <= number.most)
            return number.value = value, "";
        char why[256];
        std::snprintf(why, sizeof why, "%.60s: a number from %g to %g is needed", word.c_str(),
                      number.least, number.most);
        return why;
    }
    std::string known;
    for (const Number& number : numbers)
        known += (known.empty() ? "" : ", ") + std::string(number.key) + "=";
    return "'" + word + "' is no setting of a sweep; there are " + known;
}

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Errors   an errno
int write(const std::string& path, const std::vector<float>& samples, std::uint32_t rate)
{
    const std::string fresh = path + ".new";
    std::unique_ptr<std::FILE, Close> file(std::fopen(fresh.c_str(), "wbxe"));
    if (!file) return errno;
    WavHeader header(rate, 1, RiffBytes(), riff_limit);
    const std::size_t bytes = samples.size() * 3;
    std::vector<std::uint8_t> packed(bytes + bytes % 2);
    Packer24::float32().contiguous(samples.data(), samples.size(), packed.data());
    header.set_sizes(bytes, bytes % 2);
    const auto head = header.bytes();
    const bool all = std::fwrite(head.data(), 1, head.size(), file.get()) == head.size() &&
                     std::fwrite(packed.data(), 1, packed.size(), file.get()) == packed.size() &&
                     std::fflush(file.get()) == 0;
    if (all && std::rename(fresh.c_str(), path.c_str()) == 0) return 0;
    const int error = errno;
    unlink(fresh.c_str());
    return error;
}

} // namespace

std::string write_sweep(const std::vector<std::string>& words)
{
    std::vector<Number> numbers = {
        {"f1", SWEEP_F1_LEAST, SWEEP_F1_MOST, std::strtod(SWEEP_F1, nullptr)},
        {"f2", SWEEP_F2_LEAST, SWEEP_F2_MOST, std::strtod(SWEEP_F2, nullptr)},
        {"seconds", SWEEP_SECONDS_LEAST, SWEEP_SECONDS_MOST, std::strtod(SWEEP_SECONDS, nullptr)},
        {"rate", 8000, 384000, 48000},
        {"level", -80, 0, -6},
    };
    for (std::size_t i = 1; i < words.size(); i++)
        if (std::string why = set(numbers, words[i]); !why.empty()) return why;
    const auto of = [&](std::size_t i) { return numbers[i].value; };
    char why[256] = "";
    if (of(1) < SWEEP_F2_OVER_F1 * of(0))
        std::snprintf(why, sizeof why, "f2=%g: at least %g times f1=%g is needed", of(1),
                      SWEEP_F2_OVER_F1, of(0));
    else if (of(1) >= of(3) / 2)
        std::snprintf(why, sizeof why, "f2=%g: below half the rate=%g is needed", of(1), of(3));
    else if (of(3) != std::floor(of(3)))
        std::snprintf(why, sizeof why, "rate=%g: a whole number is needed", of(3));
    if (*why != '\0') return why;

    const VolterraExcitation sweep({.rate = of(3),
                                    .first = of(0),
                                    .last = of(1),
                                    .seconds = of(2),
                                    .amplitude = std::pow(10.0, of(4) / 20)});
    const auto before = static_cast<std::size_t>(seconds_before * of(3));
    std::vector<float> samples(before + sweep.frames() +
                               static_cast<std::size_t>(seconds_after * of(3)));
    for (std::size_t n = 0; n < sweep.frames(); n++)
        samples[before + n] = static_cast<float>(sweep.at(n));
    if (const int error = write(words[0], samples, static_cast<std::uint32_t>(of(3))))
        return words[0] + ": cannot be written: " + std::strerror(error);
    std::printf("%s: a sweep from %g to %g Hz in %g seconds at %g dB, for %g Hz\n",
                words[0].c_str(), of(0), of(1), of(2), of(4), of(3));
    return "";
}

} // namespace asiowire
