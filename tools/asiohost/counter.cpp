// SPDX-License-Identifier: MIT
#include "counter.hpp"

#include <cmath>
#include <cstring>

namespace asiohost {
namespace {

constexpr std::int32_t kHalf = 1 << 23;

constexpr std::uint32_t mask(int bits)
{
    return (1u << bits) - 1;
}

constexpr std::int32_t code(Layout layout, std::uint32_t tag, std::uint32_t count)
{
    const std::uint32_t word =
        (tag << layout.count_bits | (count & mask(layout.count_bits))) << 1 | 1;
    return static_cast<std::int32_t>(word << layout.low_zeros) - kHalf;
}

std::uint32_t tag_of(Layout layout, int channel)
{
    return static_cast<std::uint32_t>(channel) & mask(layout.tag_bits);
}

// One struct per sample type: how a code is stored and how a sample is read back.
struct Int16 {
    using Unit = std::int16_t;
    static Unit store(std::int32_t code) { return static_cast<Unit>(code >> 8); }
    static std::optional<std::int32_t> load(Unit value) { return value * 256; }
};

struct Int24 {
    struct Unit {
        std::uint8_t bytes[3];
        bool operator==(const Unit&) const = default;
    };
    static Unit store(std::int32_t code)
    {
        return {{static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(code >> 8),
                 static_cast<std::uint8_t>(code >> 16)}};
    }
    static std::optional<std::int32_t> load(Unit value)
    {
        const std::uint32_t top = static_cast<std::uint32_t>(value.bytes[2]) << 24 |
                                  static_cast<std::uint32_t>(value.bytes[1]) << 16 |
                                  static_cast<std::uint32_t>(value.bytes[0]) << 8;
        return static_cast<std::int32_t>(top) >> 8;
    }
};

struct Int32 {
    using Unit = std::int32_t;
    static Unit store(std::int32_t code) { return code * 256; }
    static std::optional<std::int32_t> load(Unit value)
    {
        if ((value & 0xff) != 0) return std::nullopt;
        return value >> 8;
    }
};

template <class Real> struct Float {
    using Unit = Real;
    static Unit store(std::int32_t code) { return static_cast<Real>(code) * Real(0x1p-23); }
    static std::optional<std::int32_t> load(Unit value)
    {
        const Real scaled = value * Real(0x1p23);
        if (!(scaled > Real(-kHalf) && scaled < Real(kHalf))) return std::nullopt; // NaN too
        const auto code = static_cast<std::int32_t>(scaled);
        if (static_cast<Real>(code) != scaled) return std::nullopt;
        return code;
    }
};

template <class Action> auto with_type(Format format, Action action)
{
    switch (format) {
    case Format::int16:
        return action(Int16{});
    case Format::int24:
        return action(Int24{});
    case Format::int32:
        return action(Int32{});
    case Format::float32:
        return action(Float<float>{});
    case Format::float64:
        break;
    }
    return action(Float<double>{});
}

template <class Type>
bool all_as_expected(Layout layout, std::uint32_t tag, std::uint32_t first, int frames,
                     const typename Type::Unit* in)
{
    unsigned wrong = 0; // counted, not left at the first: that is what vectorises
    for (int i = 0; i < frames; i++)
        wrong += !(in[i] == Type::store(code(layout, tag, first + static_cast<std::uint32_t>(i))));
    return wrong == 0;
}

template <class Type> bool is_silence(const void* in, int index)
{
    typename Type::Unit value;
    std::memcpy(&value, static_cast<const typename Type::Unit*>(in) + index, sizeof value);
    const auto found = Type::load(value);
    return found && *found == 0;
}

} // namespace

void fill_codes(Layout layout, Format format, int channel, std::int64_t first_frame, int frames,
                void* out) ASIOWIRE_RT
{
    with_type(format, [&](auto type) {
        using Type = decltype(type);
        auto* samples = static_cast<typename Type::Unit*>(out);
        const std::uint32_t tag = tag_of(layout, channel);
        const auto first = static_cast<std::uint32_t>(first_frame);
        for (int i = 0; i < frames; i++)
            samples[i] = Type::store(code(layout, tag, first + static_cast<std::uint32_t>(i)));
    });
}

std::optional<std::uint32_t> read_code(Layout layout, Format format, int channel, const void* in,
                                       int index) ASIOWIRE_RT
{
    return with_type(format, [&](auto type) -> std::optional<std::uint32_t> {
        using Type = decltype(type);
        typename Type::Unit value;
        std::memcpy(&value, static_cast<const typename Type::Unit*>(in) + index, sizeof value);
        const auto found = Type::load(value);
        if (!found) return std::nullopt;
        const auto word = static_cast<std::uint32_t>(*found + kHalf);
        if ((word & mask(layout.low_zeros)) != 0) return std::nullopt;
        const std::uint32_t parts = word >> layout.low_zeros;
        if ((parts & 1) == 0 || parts >> (layout.count_bits + 1) != tag_of(layout, channel))
            return std::nullopt;
        return (parts >> 1) & mask(layout.count_bits);
    });
}

ChannelCheck::ChannelCheck(Layout layout, Format format, int channel) noexcept
    : layout_(layout), format_(format), channel_(channel)
{}

void ChannelCheck::feed(std::int64_t first_index, int frames, const void* in) ASIOWIRE_RT
{
    if (began_ && wrong_ == 0) {
        const bool good = with_type(format_, [&](auto type) {
            using Type = decltype(type);
            return all_as_expected<Type>(layout_, tag_of(layout_, channel_), expected_, frames,
                                         static_cast<const typename Type::Unit*>(in));
        });
        if (good) {
            expected_ += static_cast<std::uint32_t>(frames);
            return;
        }
    }
    for (int i = 0; i < frames; i++)
        feed_one(first_index + i, in, i);
}

void ChannelCheck::feed_one(std::int64_t index, const void* in, int offset) ASIOWIRE_RT
{
    if (const auto count = read_code(layout_, format_, channel_, in, offset)) {
        if (began_) {
            resume(index, *count);
        } else {
            begin(index, *count);
        }
        expected_ = *count + 1;
        wrong_ = 0;
        return;
    }
    if (began_) {
        corrupt(index);
        wrong_++;
        return;
    }
    const bool silent =
        with_type(format_, [&](auto type) { return is_silence<decltype(type)>(in, offset); });
    if (!silent) corrupt(index);
}

void ChannelCheck::corrupt(std::int64_t index) ASIOWIRE_RT
{
    tally_.corrupt++;
    note_wrong(index);
}

void ChannelCheck::note_wrong(std::int64_t index) ASIOWIRE_RT
{
    if (tally_.first_wrong < 0) tally_.first_wrong = index;
    tally_.last_wrong = index;
}

void ChannelCheck::begin(std::int64_t index, std::uint32_t count) ASIOWIRE_RT
{
    const std::uint32_t repeat = mask(layout_.count_bits);
    began_ = true;
    phase_ = (static_cast<std::uint32_t>(index) - count) & repeat;
    tally_.rtt = phase_;
    // 4096 frames repeat within a long round trip; there, what is heard first counts as sent first.
    if (layout_.count_bits == kNarrow.count_bits && index > tally_.rtt)
        tally_.rtt += (index - tally_.rtt) & ~static_cast<std::int64_t>(repeat);
}

void ChannelCheck::resume(std::int64_t index, std::uint32_t count) ASIOWIRE_RT
{
    const std::uint32_t repeat = mask(layout_.count_bits);
    const std::uint32_t phase = (static_cast<std::uint32_t>(index) - count) & repeat;
    if (phase != phase_) tally_.rtt_changes++;
    phase_ = phase;

    const std::int64_t jump = ahead(count, expected_);
    // 0 … wrong_: the wrong samples were put in between (0), replaced frames (wrong_), or both.
    if (jump > wrong_) tally_.lost += jump - wrong_;
    if (jump < 0) tally_.duplicated -= jump;
    if (jump > wrong_ || jump < 0) note_wrong(index);
}

/// By how much one count is further on than another, by the shorter way round.
std::int64_t ChannelCheck::ahead(std::uint32_t count, std::uint32_t of) const ASIOWIRE_RT
{
    const std::uint32_t repeat = mask(layout_.count_bits);
    const std::uint32_t difference = (count - of) & repeat;
    return difference <= repeat / 2 ? static_cast<std::int64_t>(difference)
                                    : static_cast<std::int64_t>(difference) - repeat - 1;
}

void ChannelCheck::forgive() ASIOWIRE_RT
{
    const std::int64_t rtt = tally_.rtt;
    tally_ = {};
    if (began_) tally_.rtt = rtt + ahead(phase_, static_cast<std::uint32_t>(rtt));
}

} // namespace asiohost
