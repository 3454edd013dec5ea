// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <cstdio>
#include <random>

#include "holdings.hpp"
#include "instance.hpp"

namespace asiohost {
namespace {

constexpr int kWarmUp = 100;
constexpr std::array<const char*, 4> kNames = {"start", "stop", "disposeBuffers", "createBuffers"};

struct Count {
    std::atomic<int> tried{0};
    std::atomic<int> succeeded{0};
};
using Counts = std::array<Count, kNames.size()>;

std::int32_t create(Instance& instance, std::mt19937& random)
{
    static constexpr int kFrames[] = {16, 64, 100, 256, 480, 1024};
    asio::BufferInfo infos[4]{};
    for (std::int32_t i = 0; i < 4; i++) {
        infos[i].is_input = i % 2;
        infos[i].channel = i / 2;
    }
    const int count = 1 + static_cast<int>(random() % 4);
    const int frames = kFrames[random() % std::size(kFrames)];
    return instance.call("createBuffers", [&](asio::IAsio& asio) {
        return asio.create_buffers(infos, count, frames, &instance.callbacks());
    });
}

/// One call, legal or not; both answers are allowed, because the other thread is always ahead or
/// behind. No third one is.
void one_transition(Instance& instance, std::mt19937& random, Counts& counts, Verdict& verdict)
{
    const std::size_t which = random() % kNames.size();
    std::int32_t code = 0;
    switch (which) {
    case 0:
        code = instance.call("start", [](asio::IAsio& asio) { return asio.start(); });
        break;
    case 1:
        code = instance.call("stop", [](asio::IAsio& asio) { return asio.stop(); });
        break;
    case 2:
        code = instance.call("disposeBuffers", [](asio::IAsio& a) { return a.dispose_buffers(); });
        break;
    default:
        code = create(instance, random);
    }
    counts[which].tried++;
    counts[which].succeeded += code == asio::ASE_OK;
    if (code != asio::ASE_OK && code != asio::ASE_InvalidMode)
        verdict.expect(false, format("%s: %s %s", kNames[which], error_name(code).c_str(),
                                     instance.error().c_str()));
    if (random() % 8 == 0) Sleep(random() % 40); // so that blocks come in between
}

void ask_something(Instance& instance, std::mt19937& random)
{
    std::int32_t a = 0, b = 0;
    asio::Wide position{}, time{};
    if (random() % 2 == 0)
        instance.call("getLatencies", [&](asio::IAsio& it) { return it.get_latencies(&a, &b); });
    else
        instance.call("getSamplePosition",
                      [&](asio::IAsio& it) { return it.get_sample_position(&position, &time); });
}

/// Opens a driver, storms it from two threads and closes it; gives the number of blocks that came.
Result<std::int64_t> storm(const DriverEntry& entry, int transitions, unsigned seed, Counts& counts,
                           Verdict& verdict)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    const auto blow = [&](unsigned own_seed, int share) {
        std::mt19937 random(own_seed);
        for (int i = 0; i < share; i++) {
            one_transition(instance, random, counts, verdict);
            if (random() % 4 == 0) ask_something(instance, random);
        }
    };
    {
        Beside one([&] { blow(seed * 2, transitions / 2); });
        Beside other([&] { blow(seed * 2 + 1, transitions - transitions / 2); });
    }
    verdict.expect_code("stop at the end", instance.stop(), {asio::ASE_OK, asio::ASE_InvalidMode});
    verdict.expect_code("disposeBuffers at the end", instance.dispose(),
                        {asio::ASE_OK, asio::ASE_InvalidMode});
    const std::int64_t blocks = instance.blocks();
    Sleep(100);
    verdict.expect(instance.blocks() == blocks, "blocks come after all that");
    if (auto run = instance.run(256); !run) return std::unexpected(run.error());
    if (auto came = instance.wait(20); !came) return std::unexpected(came.error());
    return blocks;
}

Holdings count_settled()
{
    Sleep(300); // threads that were told to end have ended
    return count_holdings();
}

} // namespace

Result<void> fault_storm(const DriverEntry& entry, const Options& options)
{
    Verdict verdict;
    Counts counts{}, unused{};
    // What is made once and kept is made here.
    if (auto warm = storm(entry, kWarmUp, options.seed + 1000, unused, verdict); !warm)
        return std::unexpected(warm.error());
    const Holdings before = count_settled();
    const auto blocks = storm(entry, options.rounds, options.seed, counts, verdict);
    if (!blocks) return std::unexpected(blocks.error());
    const Holdings after = count_settled();

    std::string text = format("{\"rounds\":%d,\"seed\":%u,\"blocks\":%lld", options.rounds,
                              options.seed, static_cast<long long>(*blocks));
    for (std::size_t i = 0; i < kNames.size(); i++)
        text += format(",\"%s\":{\"tried\":%d,\"succeeded\":%d}", kNames[i], counts[i].tried.load(),
                       counts[i].succeeded.load());
    std::printf("%s,\"before\":%s,\"after\":%s}\n", text.c_str(), as_json(before).c_str(),
                as_json(after).c_str());
    std::fflush(stdout);
    verdict.expect(after.handles <= before.handles, "handles stay behind");
    verdict.expect(after.threads <= before.threads, "threads stay behind");
    for (const Count& count : counts)
        verdict.expect(count.succeeded > 0 || options.rounds < 100, "a transition never succeeded");
    return verdict.result();
}

} // namespace asiohost
