// SPDX-License-Identifier: MIT
#include "hooks/runner/hook_process.hpp"

#include "hooks/runner/chosen_channels.hpp"
#include "hooks/runner/confine.hpp"
#include "hooks/runner/text.hpp"

#include <algorithm>
#include <cstring>
#include <poll.h>

namespace asiowire::hooks {

namespace {

/// Between two looks at a source that had nothing.
constexpr int pause_ms = 5;

/// The runner's side of AsioWireHookHost.
class Host {
public:
    Host(Wire wire, Pulse& pulse) : wire_(wire), pulse_(pulse)
    {
        host_ = {ASIOWIRE_HOOK_ABI, sizeof host_, this, number, array, event};
    }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    const AsioWireHookHost* host() const { return &host_; }
    void at(std::uint64_t position) { position_ = position; }
    /// What the hook itself said of its trouble, to stand behind our own words; "" = nothing.
    std::string complaint() const { return complaint_.empty() ? "" : ": " + complaint_; }

private:
    static Host& self(const AsioWireHookHost* host) { return *static_cast<Host*>(host->runner); }

    static int32_t number(const AsioWireHookHost* host, const char* name, double value)
    {
        WireHead head;
        head.said = Said::number;
        head.value = value;
        return self(host).named(head, name, {});
    }

    static int32_t array(const AsioWireHookHost* host, const char* name, const float* values,
                         uint32_t count)
    {
        if (count > ASIOWIRE_HOOK_ARRAY_VALUES || (values == nullptr && count > 0))
            return ASIOWIRE_HOOK_REFUSED;
        WireHead head;
        head.said = Said::array;
        return self(host).named(head, name, std::as_bytes(std::span(values, count)));
    }

    static int32_t event(const AsioWireHookHost* host, int32_t level, const char* text)
    {
        if (text == nullptr || *text == '\0') return ASIOWIRE_HOOK_REFUSED;
        WireHead head;
        head.said = Said::event;
        head.level = std::clamp<int32_t>(level, ASIOWIRE_HOOK_INFO, ASIOWIRE_HOOK_ERROR);
        const std::size_t length = strnlen(text, ASIOWIRE_HOOK_TEXT_BYTES);
        if (level >= ASIOWIRE_HOOK_ERROR) self(host).complaint_.assign(text, length);
        return self(host).send(head, std::as_bytes(std::span(text, length)));
    }

    int32_t named(WireHead& head, const char* name, std::span<const std::byte> rest)
    {
        if (name == nullptr || !is_name(name)) return ASIOWIRE_HOOK_REFUSED;
        std::strcpy(head.name.data(), name); // is_name: it fits
        return send(head, rest);
    }

    int32_t send(WireHead& head, std::span<const std::byte> rest)
    {
        head.position = position_;
        if (wire_.send(head, rest)) return ASIOWIRE_HOOK_SUCCESS;
        pulse_.unsent.fetch_add(1, std::memory_order_relaxed);
        return ASIOWIRE_HOOK_DROPPED;
    }

    Wire wire_;
    Pulse& pulse_;
    AsioWireHookHost host_{};
    std::uint64_t position_ = 0;
    std::string complaint_;
};

/// Marks a call into the hook on the pulse, for as long as it lives.
class Call {
public:
    explicit Call(Pulse& pulse) : pulse_(pulse), began_(now_ns()) { pulse_.entered_ns = began_; }
    ~Call()
    {
        pulse_.busy_ns.fetch_add(now_ns() - began_, std::memory_order_relaxed);
        pulse_.entered_ns = 0;
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

private:
    Pulse& pulse_;
    std::uint64_t began_;
};

/// One stream's life: create() to destroy().
class Instance {
public:
    Instance(const AsioWireHook& hook, Pulse& pulse) : hook_(hook), pulse_(pulse) {}
    ~Instance()
    {
        if (!created_) return;
        const Call call(pulse_);
        hook_.destroy(self_);
    }
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    bool create(const AsioWireHookHost* host, const AsioWireHookStream& stream,
                const std::vector<AsioWireHookSetting>& settings)
    {
        const Call call(pulse_);
        created_ =
            hook_.create(host, &stream, settings.data(), &self_) == ASIOWIRE_HOOK_SUCCESS;
        return created_;
    }

    bool process(const AsioWireHookBlock& block)
    {
        const Call call(pulse_);
        return hook_.process(self_, &block) == ASIOWIRE_HOOK_SUCCESS;
    }

private:
    const AsioWireHook& hook_;
    Pulse& pulse_;
    void* self_ = nullptr;
    bool created_ = false;
};

/// False: the supervisor has gone, or wants us gone.
bool wanted(int socket, int ms)
{
    pollfd other_end = {socket, POLLRDHUP, 0};
    return poll(&other_end, 1, ms) == 0;
}

class Listener {
public:
    Listener(const HookOrders& orders, BlockSource& source, int socket, bool patient, Pulse& pulse)
        : orders_(orders), source_(source), socket_(socket), wire_(socket, patient), pulse_(pulse),
          host_(wire_, pulse)
    {
    }

    int run()
    {
        const auto chosen = chosen_channels(orders_.channels, source_.names());
        if (!chosen) return fail(chosen.error());
        for (const std::size_t channel : *chosen) {
            names_.push_back(source_.names()[channel].c_str());
            channels_.push_back(channel);
        }
        if (const std::string refused = confine(orders_.memory_bytes); !refused.empty())
            return fail(refused);
        pulse_.entered_ns = now_ns(); // a hook's own code may run while it is loaded
        const auto hook = LoadedHook::load(orders_.object);
        pulse_.entered_ns = 0;
        if (!hook) return fail(hook.error());
        const auto settings = hook->settings(orders_.settings);
        if (!settings) return fail(settings.error());
        wire_.say(Said::loaded, "");
        SourceBlock block;
        BlockSource::Found found = wait(block);
        while (found == BlockSource::Found::block) {
            const std::uint32_t rate = block.rate;
            Instance instance(hook->description(), pulse_);
            const AsioWireHookStream stream = {sizeof stream,
                                               static_cast<uint32_t>(names_.size()),
                                               BlockSource::max_frames, rate, names_.data()};
            host_.at(block.position);
            if (!instance.create(host_.host(), stream, *settings))
                return fail("create() failed" + host_.complaint());
            wire_.say(Said::begun, "");
            do {
                if (!hear(instance, block)) return fail("process() failed" + host_.complaint());
                found = wait(block);
            } while (found == BlockSource::Found::block && block.rate == rate);
        }
        if (found == BlockSource::Found::ended) wire_.say(Said::over, "");
        return 0;
    }

private:
    /// `nothing`: we are no longer wanted.
    BlockSource::Found wait(SourceBlock& block)
    {
        for (;;) {
            const auto found = source_.next(block);
            const bool nothing = found == BlockSource::Found::nothing;
            // A source that is never empty must not hide that the other end has gone.
            if (nothing || ++looks_ % 64 == 0)
                if (!wanted(socket_, nothing ? pause_ms : 0)) return BlockSource::Found::nothing;
            if (!nothing) return found;
        }
    }

    bool hear(Instance& instance, const SourceBlock& heard)
    {
        planes_.clear();
        for (const std::size_t channel : channels_) planes_.push_back(heard.audio[channel]);
        const AsioWireHookBlock block = {sizeof block, static_cast<uint32_t>(planes_.size()),
                                         heard.frames, heard.rate,   heard.position,
                                         heard.lost,   planes_.data()};
        host_.at(heard.position);
        if (!instance.process(block)) return false;
        pulse_.lost.fetch_add(heard.lost, std::memory_order_relaxed);
        pulse_.blocks.fetch_add(1, std::memory_order_relaxed);
        pulse_.frames.fetch_add(heard.frames, std::memory_order_relaxed);
        return true;
    }

    int fail(const std::string& why)
    {
        wire_.say(Said::failed, why);
        return 1;
    }

    const HookOrders& orders_;
    BlockSource& source_;
    int socket_;
    Wire wire_;
    Pulse& pulse_;
    Host host_;
    unsigned looks_ = 0;
    std::vector<std::size_t> channels_;
    std::vector<const char*> names_;
    std::vector<const float*> planes_;
};

} // namespace

int run_hook(const HookOrders& orders, BlockSource& source, int socket, bool patient, Pulse& pulse)
{
    return Listener(orders, source, socket, patient, pulse).run();
}

} // namespace asiowire::hooks
