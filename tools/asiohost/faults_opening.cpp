// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <array>
#include <cstring>
#include <objbase.h>

#include "instance.hpp"
#include "win_clock.hpp"

namespace asiohost {
namespace {

constexpr DWORD kPanelLimitMs = 300; // longer, and JUCE believes that settings were changed
constexpr std::size_t kErrorBytes = 124;

/// How many bytes getErrorMessage writes.
std::size_t error_bytes(asio::IAsio& object)
{
    std::array<char, 4096> text;
    std::size_t written = 0;
    for (const char canary : {'\x5a', '\x25'}) { // a byte that equals one canary shows in the other
        text.fill(canary);
        object.get_error_message(text.data());
        for (std::size_t i = 0; i < text.size(); i++)
            if (text[i] != canary) written = std::max(written, i + 1);
    }
    return written;
}

void expect_quick_panel(Instance& instance, Verdict& verdict, const char* when)
{
    const std::int64_t began = now_ticks();
    const std::int32_t code =
        instance.call("controlPanel", [](asio::IAsio& asio) { return asio.control_panel(); });
    const std::int64_t ms = ticks_to_ns(now_ticks() - began) / 1'000'000;
    verdict.expect(ms < kPanelLimitMs,
                   format("controlPanel %s took %lld ms", when, static_cast<long long>(ms)));
    say(format("controlPanel %s: %s", when, error_name(code).c_str()));
}

/// Every method on an object that nobody initialised: any code, but a return.
void call_everything(Instance& instance, Verdict& verdict)
{
    std::array<asio::ClockSource, 4> clocks{};
    asio::ChannelInfo channel{};
    asio::Wide position{}, time{};
    std::int32_t a = 0, b = 0, c = 0, d = 4;
    double rate = 0;
    std::array<char, 64> name{};
    const auto refuse = [&](const char* what, auto action) {
        const std::int32_t code = instance.call(what, action);
        verdict.expect(code != asio::ASE_OK, format("%s before init: ASE_OK", what));
        verdict.expect(error_bytes(*instance.object()) <= kErrorBytes,
                       format("getErrorMessage after %s is too long", what));
    };
    using asio::IAsio;
    instance.call("getDriverName", [&](IAsio& it) { return it.get_driver_name(name.data()), 0; });
    verdict.expect(name[0] != '\0' && std::memchr(name.data(), '\0', 32) != nullptr,
                   "getDriverName before init gave no name of at most 31 bytes");
    instance.call("getDriverVersion", [](IAsio& it) { return it.get_driver_version(); });
    refuse("start", [](IAsio& it) { return it.start(); });
    refuse("stop", [](IAsio& it) { return it.stop(); });
    refuse("getChannels", [&](IAsio& it) { return it.get_channels(&a, &b); });
    refuse("getLatencies", [&](IAsio& it) { return it.get_latencies(&a, &b); });
    refuse("getBufferSize", [&](IAsio& it) { return it.get_buffer_size(&a, &b, &c, &d); });
    refuse("canSampleRate", [](IAsio& it) { return it.can_sample_rate(48000); });
    refuse("getSampleRate", [&](IAsio& it) { return it.get_sample_rate(&rate); });
    refuse("setSampleRate", [](IAsio& it) { return it.set_sample_rate(48000); });
    refuse("getSamplePosition",
           [&](IAsio& it) { return it.get_sample_position(&position, &time); });
    refuse("getChannelInfo", [&](IAsio& it) { return it.get_channel_info(&channel); });
    refuse("disposeBuffers", [](IAsio& it) { return it.dispose_buffers(); });
    refuse("createBuffers", [&](IAsio& it) {
        asio::BufferInfo info{};
        return it.create_buffers(&info, 1, 256, &instance.callbacks());
    });
    refuse("outputReady", [](IAsio& it) { return it.output_ready(); });
    refuse("future", [](IAsio& it) { return it.future(12345, nullptr); });
    // One clock is a fact that needs no graph; either answer will do.
    d = static_cast<std::int32_t>(clocks.size());
    instance.call("getClockSources",
                  [&](IAsio& it) { return it.get_clock_sources(clocks.data(), &d); });
    instance.call("setClockSource", [](IAsio& it) { return it.set_clock_source(0); });
}

/// A run of some blocks on an object made without COM, and the library freed right after it.
Result<void> run_loaded(const DriverEntry& entry)
{
    const auto loaded = load_driver(entry);
    if (!loaded) return std::unexpected(loaded.error());
    Result<void> done = {};
    {
        Instance instance(loaded->object);
        const bool ready = instance.call("init", [&](asio::IAsio& asio) {
            return asio.init(reinterpret_cast<void*>(loaded->library)); // as RS_ASIO does
        });
        done = ready ? instance.run() : failure(ExitCode::refused, "init: " + instance.error());
        if (done) done = instance.wait(10);
    }
    FreeLibrary(loaded->library);
    return done;
}

} // namespace

Result<void> fault_identity(const DriverEntry& entry, const Options&)
{
    static constexpr GUID kStranger = {0x12345678, 0x1234, 0x1234, {1, 2, 3, 4, 5, 6, 7, 8}};
    const auto made = create_driver(entry); // with the CLSID as the interface id
    if (!made) return std::unexpected(made.error());
    Instance instance(*made);
    Verdict verdict;
    IUnknown* const object = instance.object();
    for (const GUID& iid : {entry.clsid, IID_IUnknown}) {
        void* found = nullptr;
        verdict.expect(object->QueryInterface(iid, &found) == S_OK && found == object,
                       "QueryInterface does not give the object itself");
        if (found != nullptr) object->Release();
    }
    void* found = object;
    verdict.expect(object->QueryInterface(kStranger, &found) == E_NOINTERFACE && found == nullptr,
                   "QueryInterface gives an interface that nobody knows");
    verdict.expect(object->QueryInterface(entry.clsid, nullptr) == E_POINTER,
                   "QueryInterface into nothing is not E_POINTER");
    verdict.expect(object->AddRef() == 2 && object->Release() == 1, "references are miscounted");
    void* unknown = nullptr;
    verdict.expect(SUCCEEDED(CoCreateInstance(entry.clsid, nullptr, CLSCTX_INPROC_SERVER,
                                              IID_IUnknown, &unknown)),
                   "CoCreateInstance with IID_IUnknown failed");
    if (unknown != nullptr) static_cast<IUnknown*>(unknown)->Release();
    verdict.expect(CoCreateInstance(entry.clsid, object, CLSCTX_INPROC_SERVER, IID_IUnknown,
                                    &unknown) == CLASS_E_NOAGGREGATION,
                   "aggregation is not refused");
    return verdict.result();
}

Result<void> fault_no_com(const DriverEntry& entry, const Options& options)
{
    CoUninitialize(); // from here on the process has no COM at all
    Result<void> done = {};
    for (int round = 0; round < options.rounds && done; round++)
        on_thread([&] { done = run_loaded(entry); });
    CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED); // main() gives it back
    Sleep(100); // threads that ended in freed code would have crashed by now
    return done;
}

Result<void> fault_init_twice(const DriverEntry& entry, const Options&)
{
    void* const garbage[] = {reinterpret_cast<void*>(std::uintptr_t{1}),
                             reinterpret_cast<void*>(std::uintptr_t{0xdeadbeef}),
                             reinterpret_cast<void*>(~std::uintptr_t{0}),
                             reinterpret_cast<void*>(GetModuleHandleA(nullptr)),
                             reinterpret_cast<void*>(GetCurrentThread())};
    Verdict verdict;
    for (void* handle : garbage) {
        const auto made = create_driver(entry);
        if (!made) return std::unexpected(made.error());
        Instance instance(*made);
        for (int time = 0; time < 2; time++)
            verdict.expect(
                instance.call("init", [&](asio::IAsio& asio) { return asio.init(handle); }) == 1,
                format("init with %p was refused the %d. time", handle, time + 1));
        if (auto run = instance.run(); !run) return run;
        if (auto came = instance.wait(5); !came) return came;
        verdict.expect(instance.call("init", [&](asio::IAsio& a) { return a.init(handle); }) == 1,
                       "init while running was refused");
        if (auto came = instance.wait(5); !came) return came;
    }
    return verdict.result();
}

Result<void> fault_before_init(const DriverEntry& entry, const Options&)
{
    const auto made = create_driver(entry);
    if (!made) return std::unexpected(made.error());
    Instance instance(*made);
    Verdict verdict;
    expect_quick_panel(instance, verdict, "before init");
    call_everything(instance, verdict);
    verdict.expect(instance.call("init", [](asio::IAsio& asio) { return asio.init(nullptr); }) == 1,
                   "init was refused after all that");
    verdict.expect(error_bytes(*instance.object()) <= kErrorBytes,
                   "getErrorMessage after init is too long");
    expect_quick_panel(instance, verdict, "after init");
    if (auto run = instance.run(); !run) return run;
    expect_quick_panel(instance, verdict, "while running");
    if (auto came = instance.wait(5); !came) return came;
    return verdict.result();
}

Result<void> fault_several(const DriverEntry& entry, const Options&)
{
    std::array<std::unique_ptr<Instance>, Instance::kMost> instances;
    std::array<Result<void>, Instance::kMost> done{};
    const auto in_parallel = [&](auto step) {
        std::vector<std::unique_ptr<Beside>> threads;
        for (std::size_t i = 0; i < instances.size(); i++)
            threads.push_back(std::make_unique<Beside>([&, i] { done[i] = step(i); }));
        threads.clear(); // joined
        for (const auto& one : done)
            if (!one) return one;
        return Result<void>{};
    };
    // Half of the threads have an apartment of their own, half are in the one of many threads.
    auto step = in_parallel([&](std::size_t i) -> Result<void> {
        CoInitializeEx(nullptr, i % 2 == 0 ? COINIT_APARTMENTTHREADED : COINIT_MULTITHREADED);
        auto opened = Instance::open(entry);
        if (opened) instances[i] = std::move(*opened);
        CoUninitialize();
        return opened ? Result<void>{} : std::unexpected(opened.error());
    });
    if (step) step = in_parallel([&](std::size_t i) { return instances[i]->run(); });
    if (step) step = in_parallel([&](std::size_t i) { return instances[i]->wait(50); });
    if (step) {
        instances[0].reset(); // the others must not notice
        done[0] = {};
        step = in_parallel(
            [&](std::size_t i) { return i == 0 ? Result<void>{} : instances[i]->wait(50); });
    }
    const auto closed = in_parallel([&](std::size_t i) {
        instances[i].reset();
        return Result<void>{};
    });
    if (!step) return step;
    return closed;
}

Result<void> fault_threads(const DriverEntry& entry, const Options&)
{
    Verdict verdict;
    asio::IAsio* object = nullptr;
    on_thread([&] {
        CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED);
        const auto made = create_driver(entry);
        if (made) object = *made;
        CoUninitialize(); // and the apartment it was made in is gone
    });
    if (object == nullptr) return failure(ExitCode::not_found, "the object was not made");
    Instance instance(object);
    on_thread([&] {
        CoInitializeEx(nullptr, COINIT_MULTITHREADED);
        verdict.expect(
            instance.call("init", [](asio::IAsio& asio) { return asio.init(nullptr); }) == 1,
            "init on another thread was refused");
        CoUninitialize();
    });
    Result<void> done = {};
    on_thread([&] { verdict.expect_code("createBuffers", instance.create({0, 1}, {0, 1}), {0}); });
    on_thread([&] { verdict.expect_code("start", instance.start(), {0}); });
    on_thread([&] { done = instance.wait(50); });
    if (!done) return done;
    on_thread([&] { verdict.expect_code("stop", instance.stop(), {0}); });
    on_thread([&] { verdict.expect_code("disposeBuffers", instance.dispose(), {0}); });
    on_thread([&] { instance.release(); });
    return verdict.result();
}

Result<void> fault_early_questions(const DriverEntry& entry, const Options&)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Verdict verdict;
    std::int32_t before[2]{}, created[2]{}, running[2]{};
    const auto ask = [&](std::int32_t(&latency)[2]) {
        verdict.expect_code("getLatencies",
                            instance.call("getLatencies",
                                          [&](asio::IAsio& asio) {
                                              return asio.get_latencies(&latency[0], &latency[1]);
                                          }),
                            {asio::ASE_OK});
    };
    const auto not_ready = [&](const char* when) {
        verdict.expect_code(when, instance.object()->output_ready(), {asio::ASE_NotPresent});
    };
    not_ready("outputReady before createBuffers");
    ask(before);
    verdict.expect_code("createBuffers", instance.create({0, 1}, {0, 1}), {asio::ASE_OK});
    ask(created);
    not_ready("outputReady before start");
    std::atomic<int> other_codes{0};
    instance.on_block = [&](const asio::Time*, int) {
        other_codes += instance.object()->output_ready() != asio::ASE_NotPresent;
    };
    verdict.expect_code("start", instance.start(), {asio::ASE_OK});
    if (auto came = instance.wait(20); !came) return came;
    ask(running);
    say(format("latencies: %d + %d, with buffers %d + %d, running %d + %d",
               static_cast<int>(before[0]), static_cast<int>(before[1]),
               static_cast<int>(created[0]), static_cast<int>(created[1]),
               static_cast<int>(running[0]), static_cast<int>(running[1])));
    verdict.expect(before[0] == running[0] && before[1] == running[1],
                   "latencies before createBuffers are others than those while running");
    {
        std::atomic<bool> quit{false};
        Beside spam([&] { // as fast as it can, as Native Instruments' programs do
            while (!quit)
                other_codes += instance.object()->output_ready() != asio::ASE_NotPresent;
        });
        const auto came = instance.wait(50);
        quit = true;
        if (!came) return came;
    }
    verdict.expect_code("stop", instance.stop(), {asio::ASE_OK});
    not_ready("outputReady after stop");
    verdict.expect(other_codes == 0, "outputReady was something else inside bufferSwitch");
    return verdict.result();
}

} // namespace asiohost
