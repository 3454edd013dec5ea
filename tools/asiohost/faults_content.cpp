// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <algorithm>
#include <cstring>

#include "instance.hpp"

// What is in the buffers, for hosts that write nothing, or numbers that are none. Both need the
// outputs to come back on the inputs, as --loopback does.

namespace asiohost {
namespace {

constexpr std::int64_t kTalking = 50;       // blocks with sound
constexpr std::int64_t kLongestLoop = 4800; // frames that the loop itself may take

std::size_t sample_bytes(Instance& instance)
{
    asio::ChannelInfo info{};
    instance.call("getChannelInfo", [&](asio::IAsio& a) { return a.get_channel_info(&info); });
    switch (info.type) {
    case asio::Int16LSB:
        return 2;
    case asio::Int24LSB:
        return 3;
    case asio::Float64LSB:
        return 8;
    default:
        return 4;
    }
}

/// Floating-point control words of a host that cares for speed more than for IEEE 754.
struct ControlWords {
    std::uint32_t mxcsr = 0x1f80 | 0x8040 | 0x6000; // flush to zero, denormals are zero, chop
    std::uint16_t x87 = 0x0c7f;                     // single precision, chop

    static ControlWords read()
    {
        ControlWords words;
        __asm__ volatile("stmxcsr %0" : "=m"(words.mxcsr));
        __asm__ volatile("fnstcw %0" : "=m"(words.x87));
        words.mxcsr &= ~0x3fu; // what happened so far is no setting
        return words;
    }
    void set() const
    {
        __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
        __asm__ volatile("fldcw %0" : : "m"(x87));
    }
    bool operator==(const ControlWords&) const = default;
};

// Bits of float32 that arithmetic would not leave alone: quiet and signalling NaNs with a payload,
// infinities, the smallest and the largest denormal, both zeros, and ordinary numbers far too loud.
constexpr std::uint32_t kBits[] = {
    0x7fc12345, 0xffc54321, 0x7f812345, 0xff854321, 0x7f800000, 0xff800000, 0x00000001, 0x807fffff,
    0x00000400, 0x80000000, 0x00000000, 0x7f7fffff, 0x3f800001, 0xc9000001, 0x00800000, 0x2edbe6ff,
};
constexpr std::int64_t kPeriod = std::size(kBits);

/// Plays kBits over and over and finds them again.
class BitsLoop {
public:
    void block(std::span<const asio::BufferInfo> buffers, int half, int frames)
    {
        for (const asio::BufferInfo& buffer : buffers) {
            auto* words = static_cast<std::uint32_t*>(buffer.buffers[half]);
            for (int i = 0; i < frames; i++) {
                if (buffer.is_input != 0)
                    hear(words[i], frame_ + i, buffer.channel);
                else
                    words[i] = kBits[(frame_ + i) % kPeriod];
            }
        }
        frame_ += frames;
    }

    std::int64_t heard = 0, wrong = 0;
    std::uint32_t first_wrong = 0;

private:
    void hear(std::uint32_t bits, std::int64_t frame, int channel)
    {
        std::int64_t& phase = phases_[channel & 1];
        if (phase < 0) {
            if (bits == 0) return;
            phase = frame - (std::find(std::begin(kBits), std::end(kBits), bits) - kBits);
        }
        heard++;
        if (kBits[(frame - phase) % kPeriod] == bits) return;
        if (wrong++ == 0) first_wrong = bits;
    }

    std::int64_t frame_ = 0;
    std::int64_t phases_[2] = {-1, -1};
};

} // namespace

Result<void> fault_write_nothing(const DriverEntry& entry, const Options& options)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    const std::size_t bytes = sample_bytes(instance);
    std::atomic<std::int64_t> loud{0}, last_loud{-1};
    instance.on_block = [&](const asio::Time*, int half) {
        const std::int64_t block = instance.blocks();
        const auto size = bytes * static_cast<std::size_t>(instance.block());
        for (const asio::BufferInfo& buffer : instance.buffers()) {
            auto* const samples = static_cast<unsigned char*>(buffer.buffers[half]);
            if (buffer.is_input == 0 && block < kTalking) std::memset(samples, 0x3f, size);
            // And beyond that it writes nothing, as RS_ASIO does when its lock is taken.
            if (buffer.is_input == 0 ||
                std::count(samples, samples + size, 0) == static_cast<std::ptrdiff_t>(size))
                continue;
            loud++;
            last_loud = block;
        }
    };
    if (auto run = instance.run(options.plan.block); !run) return run;
    std::int32_t in = 0, out = 0;
    Verdict verdict;
    verdict.expect_code("getLatencies", instance.object()->get_latencies(&in, &out), {0});
    const std::int64_t limit = kTalking + (in + out + kLongestLoop) / instance.block() + 2;
    if (auto came = instance.wait(limit + kTalking, 10'000); !came) return came;
    verdict.expect_code("stop", instance.stop(), {asio::ASE_OK});
    say(format(
        "%lld channel blocks with sound, the last in block %lld of %lld, silence due by %lld",
        static_cast<long long>(loud), static_cast<long long>(last_loud),
        static_cast<long long>(instance.blocks()), static_cast<long long>(limit)));
    verdict.expect(loud >= kTalking, "the sound before did not come back");
    verdict.expect(last_loud <= limit, "old audio is still heard");
    return verdict.result();
}

Result<void> fault_control_words(const DriverEntry& entry, const Options& options)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    const ControlWords wanted;
    ControlWords last = wanted;
    std::atomic<int> lost{0};
    BitsLoop loop;
    instance.on_block = [&](const asio::Time*, int half) {
        last = instance.blocks() == 0 ? wanted : ControlWords::read();
        lost += !(last == wanted);
        wanted.set();
        loop.block(instance.buffers(), half, instance.block());
    };
    if (auto run = instance.run(options.plan.block); !run) return run;
    if (auto came = instance.wait(200, 10'000); !came) return came;
    Verdict verdict;
    verdict.expect_code("stop", instance.stop(), {asio::ASE_OK});
    say(format("%lld samples heard, %lld wrong; MXCSR %04x, x87 %04x at the end",
               static_cast<long long>(loop.heard), static_cast<long long>(loop.wrong),
               static_cast<unsigned>(last.mxcsr), static_cast<unsigned>(last.x87)));
    verdict.expect(lost == 0,
                   format("the host's control words were gone in %d blocks", lost.load()));
    verdict.expect(loop.heard > 100LL * instance.block(), "the sound did not come back");
    verdict.expect(loop.wrong == 0,
                   format("%lld samples are not bit for bit what was sent, as %08x",
                          static_cast<long long>(loop.wrong),
                          static_cast<unsigned>(loop.first_wrong)));
    return verdict.result();
}

} // namespace asiohost
