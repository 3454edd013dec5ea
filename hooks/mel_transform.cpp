// SPDX-License-Identifier: MIT
#include "hooks/mel_transform.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>

namespace asiowire {

namespace {

// A pass of a prime radix costs its square; beyond this a convolution is cheaper.
constexpr std::size_t largest_radix = 31;

/// e^(-2πi part/whole), exact to the last bit or two for any size of `part`.
Complex64 turned(std::size_t part, std::size_t whole)
{
    const double angle =
        -2.0 * std::numbers::pi * static_cast<double>(part % whole) / static_cast<double>(whole);
    return {std::cos(angle), std::sin(angle)};
}

/// The radices of a length, the whole of it when the last one is small enough.
std::vector<std::size_t> radices(std::size_t length)
{
    std::vector<std::size_t> found;
    for (std::size_t radix : {4, 2, 5, 3}) {
        for (; length % radix == 0; length /= radix)
            found.push_back(radix);
    }
    for (std::size_t radix = 7; length > 1; radix += 2) {
        if (radix * radix > length) radix = length;
        for (; length % radix == 0; length /= radix)
            found.push_back(radix);
    }
    return found;
}

/// Lays tables into one vector whose place is not known before all of it is there.
class Places {
public:
    explicit Places(std::vector<Complex64>& factors) : factors_(factors) {}

    void begin(const Complex64*& pointer) { wanted_.push_back({&pointer, factors_.size()}); }
    void add(Complex64 factor) { factors_.push_back(factor); }
    void settle()
    {
        for (const auto& [pointer, index] : wanted_)
            *pointer = factors_.data() + index;
    }

private:
    struct Wanted {
        const Complex64** pointer;
        std::size_t index;
    };
    std::vector<Complex64>& factors_;
    std::vector<Wanted> wanted_;
};

void make_stages(FftTables& fft, std::size_t length, Places& places)
{
    fft.length = length;
    std::size_t rest = length;
    for (const std::size_t radix : radices(length)) {
        FftStage& stage = fft.stages[fft.n_stages++];
        stage.radix = radix;
        stage.length = rest;
        places.begin(stage.twiddles);
        for (std::size_t p = 0; p < rest / radix; p++)
            for (std::size_t k = 1; k < radix; k++)
                places.add(turned(p * k, rest));
        places.begin(stage.roots);
        for (std::size_t j = 0; j < radix; j++)
            places.add(turned(j, radix));
        rest /= radix;
    }
}

/// e^(-πi n²/length)
Complex64 chirp(std::size_t n, std::size_t length)
{
    return turned(n * n, 2 * length);
}

/// A plain radix-2 transform of a power of two points; only the chirp's, when tables are made.
void transform(std::vector<std::complex<double>>& x)
{
    const std::size_t n = x.size();
    for (std::size_t i = 1, j = 0; i < n; i++) {
        std::size_t bit = n >> 1;
        for (; (j & bit) != 0; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) std::swap(x[i], x[j]);
    }
    std::vector<std::complex<double>> w(n / 2);
    for (std::size_t k = 0; k < n / 2; k++)
        w[k] = {turned(k, n).re, turned(k, n).im};
    for (std::size_t half = 1; half < n; half *= 2) {
        for (std::size_t start = 0; start < n; start += 2 * half) {
            for (std::size_t k = 0; k < half; k++) {
                const std::complex<double> a = x[start + k];
                const std::complex<double> b = x[start + k + half] * w[k * (n / 2 / half)];
                x[start + k] = a + b;
                x[start + k + half] = a - b;
            }
        }
    }
}

void make_chirp(TransformTables& t, Places& places)
{
    const std::size_t convolution = std::bit_ceil(2 * t.length - 1);
    places.begin(t.chirp);
    for (std::size_t n = 0; n < t.length; n++)
        places.add(chirp(n, t.length));
    std::vector<std::complex<double>> filter(convolution);
    for (std::size_t n = 0; n < t.length; n++) {
        const Complex64 c = chirp(n, t.length);
        filter[n] = {c.re, -c.im};
        if (n > 0) filter[convolution - n] = filter[n];
    }
    transform(filter);
    places.begin(t.filter);
    const double scale = 1.0 / static_cast<double>(convolution);
    for (const auto& f : filter)
        places.add({f.real() * scale, f.imag() * scale});
    make_stages(t.fft, convolution, places);
}

} // namespace

TransformTables make_transform(std::size_t n, std::vector<Complex64>& factors)
{
    TransformTables t{};
    Places places(factors);
    t.packed = n % 2 == 0;
    t.length = t.packed ? n / 2 : n;
    const std::vector<std::size_t> split = radices(t.length);
    t.chirped = !split.empty() && *std::max_element(split.begin(), split.end()) > largest_radix;
    if (t.chirped)
        make_chirp(t, places);
    else
        make_stages(t.fft, t.length, places);
    places.begin(t.unpack);
    for (std::size_t k = 0; t.packed && k <= t.length; k++)
        places.add(turned(k, n));
    places.settle();
    return t;
}

} // namespace asiowire
