// SPDX-License-Identifier: MIT
// Times libasiowire_volterra and zita-convolver on the same sum, one after the other, block by
// block. Prints a JSON line per pair. Usage: volterra PAIRS

#include "hooks/asiowire_volterra.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <vector>
#include <zita-convolver.h>

namespace {

constexpr std::size_t block = 512;
constexpr std::size_t blocks = 64;
constexpr std::size_t rounds = 4;
using Signal = std::vector<float>;

/// Five convolutions of one input's powers, added up: what zita-convolver does for five inputs.
class Zita {
public:
    Zita(std::size_t taps, std::vector<Signal>& h)
    {
        convolver_.set_options(Convproc::OPT_FFTW_MEASURE | Convproc::OPT_VECTOR_MODE);
        int bad = convolver_.configure(5, 1, static_cast<unsigned>(taps), block, block, block, 0);
        for (unsigned p = 0; p < 5; p++)
            bad |= convolver_.impdata_create(p, 0, 1, h[p].data(), 0, static_cast<int>(taps));
        bad |= convolver_.start_process(0, 0);
        if (bad != 0) std::abort();
    }
    ~Zita()
    {
        convolver_.stop_process();
        convolver_.cleanup();
    }
    Zita(const Zita&) = delete;
    Zita& operator=(const Zita&) = delete;

    void process(const float* x, float* y)
    {
        float* p1 = convolver_.inpdata(0);
        float* p2 = convolver_.inpdata(1);
        float* p3 = convolver_.inpdata(2);
        float* p4 = convolver_.inpdata(3);
        float* p5 = convolver_.inpdata(4);
        for (std::size_t i = 0; i < block; i++) {
            const float square = x[i] * x[i];
            p1[i] = x[i];
            p2[i] = square;
            p3[i] = square * x[i];
            p4[i] = square * square;
            p5[i] = square * square * x[i];
        }
        convolver_.process(true);
        const float* out = convolver_.outdata(0);
        std::copy(out, out + block, y);
    }

private:
    Convproc convolver_;
};

/// Of this thread alone: the machine may be busy.
double microseconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

/// µs per block, the best of some rounds.
double cost(const Signal& x, Signal& y, auto process)
{
    double best = INFINITY;
    for (std::size_t round = 0; round < rounds; round++) {
        const double begin = microseconds();
        for (std::size_t b = 0; b < blocks; b++)
            process(x.data() + b * block, y.data() + b * block);
        best = std::min(best, microseconds() - begin);
    }
    return best / static_cast<double>(blocks);
}

void compare(std::size_t taps, int pairs)
{
    std::mt19937 random(1);
    std::normal_distribution<float> noise(0, 0.2F);
    Signal x(block * blocks);
    for (float& sample : x)
        sample = noise(random);
    std::vector<Signal> h(5, Signal(taps));
    std::vector<std::vector<double>> exact;
    for (Signal& order : h) {
        for (std::size_t k = 0; k < taps; k++)
            order[k] =
                noise(random) * std::exp(-3 * static_cast<float>(k) / static_cast<float>(taps));
        exact.emplace_back(order.begin(), order.end());
    }
    AsiowireVolterraKernel* kernel = nullptr;
    AsiowireVolterraProcessor* ours = nullptr;
    asiowire_volterra_kernel_create(taps, exact[0].data(), exact[1].data(), nullptr,
                                    exact[2].data(), exact[3].data(), exact[4].data(), &kernel);
    if (asiowire_volterra_processor_create(kernel, nullptr, &ours) != 0) std::abort();
    Zita zita(taps, h);
    Signal y(x.size()), other(x.size());
    for (int pair = -1; pair < pairs; pair++) { // the first one warms up
        const double theirs =
            cost(x, other, [&](const float* in, float* out) { zita.process(in, out); });
        const double own = cost(x, y, [&](const float* in, float* out) {
            asiowire_volterra_process_f32(ours, &in, &out, block);
        });
        float apart = 0, peak = 0;
        for (std::size_t i = 0; i < y.size(); i++) {
            apart = std::max(apart, std::abs(y[i] - other[i]));
            peak = std::max(peak, std::abs(other[i]));
        }
        if (pair < 0) continue;
        std::printf("{\"taps\": %zu, \"ours_us\": %.4f, \"zita_us\": %.4f, \"apart\": %.2g}\n",
                    taps, own, theirs, static_cast<double>(apart / peak));
    }
    asiowire_volterra_processor_free(ours);
    asiowire_volterra_kernel_free(kernel);
}

} // namespace

int main(int argc, char** argv)
{
    const int pairs = argc > 1 ? std::atoi(argv[1]) : 1;
    for (const std::size_t taps : {64, 512, 4096})
        compare(taps, pairs);
}
