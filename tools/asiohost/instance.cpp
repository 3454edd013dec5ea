// SPDX-License-Identifier: MIT
#include "instance.hpp"

#include <algorithm>
#include <utility>

#include "driver.hpp"

// As in audio_rt.cpp: 16-byte alignment for vector code, and nothing noexcept.
#if defined(__i386__)
#define ASIOHOST_ENTRY __attribute__((force_align_arg_pointer))
#else
#define ASIOHOST_ENTRY
#endif

namespace asiohost {
namespace {

std::array<std::atomic<Instance*>, Instance::kMost> instances;

} // namespace

/// The four callbacks of one slot.
template <int kIndex> struct Slot {
    static ASIOHOST_ENTRY void ASIO_CALLBACK buffer_switch(std::int32_t half, asio::Bool)
    {
        if (Instance* it = instances[kIndex].load()) it->block_came(nullptr, half);
    }
    static ASIOHOST_ENTRY asio::Time* ASIO_CALLBACK time_info(asio::Time* time, std::int32_t half,
                                                              asio::Bool)
    {
        if (Instance* it = instances[kIndex].load()) it->block_came(time, half);
        return nullptr;
    }
    static ASIOHOST_ENTRY void ASIO_CALLBACK rate_changed(double) {}
    static ASIOHOST_ENTRY std::int32_t ASIO_CALLBACK message(std::int32_t selector,
                                                             std::int32_t value, void*, double*)
    {
        Instance* const it = instances[kIndex].load();
        return it == nullptr ? 0 : it->message_came(selector, value);
    }
    static constexpr asio::Callbacks kCallbacks{buffer_switch, rate_changed, message, time_info};
};

Instance::Instance(asio::IAsio* object)
    : listens_to{asio::kAsioEngineVersion,    asio::kAsioResetRequest, asio::kAsioResyncRequest,
                 asio::kAsioLatenciesChanged, asio::kAsioOverload,     asio::kAsioSupportsTimeInfo},
      object_(object)
{
    static constexpr asio::Callbacks kSlots[kMost] = {Slot<0>::kCallbacks, Slot<1>::kCallbacks,
                                                      Slot<2>::kCallbacks, Slot<3>::kCallbacks};
    for (int i = 0; i < kMost && slot_ < 0; i++) {
        Instance* nobody = nullptr;
        if (instances[static_cast<std::size_t>(i)].compare_exchange_strong(nobody, this)) slot_ = i;
    }
    if (slot_ >= 0) callbacks_ = kSlots[slot_];
}

Instance::~Instance()
{
    if (object_ != nullptr) {
        if (running_) stop();
        if (prepared_) dispose();
        release();
    }
    if (slot_ >= 0) instances[static_cast<std::size_t>(slot_)] = nullptr;
}

Result<std::unique_ptr<Instance>> Instance::open(const DriverEntry& entry)
{
    const auto object = create_driver(entry);
    if (!object) return std::unexpected(object.error());
    auto made = std::make_unique<Instance>(*object);
    if (made->call("init", [](asio::IAsio& asio) { return asio.init(nullptr); })) return made;
    return failure(ExitCode::refused, "init failed: " + made->error());
}

std::int32_t Instance::create(const std::vector<int>& inputs, const std::vector<int>& outputs,
                              int frames)
{
    buffers_.clear();
    for (const int channel : inputs)
        buffers_.push_back({.is_input = 1, .channel = channel, .buffers = {}});
    for (const int channel : outputs)
        buffers_.push_back({.is_input = 0, .channel = channel, .buffers = {}});
    block_ = frames;
    if (frames == 0) {
        std::int32_t min = 0, max = 0, preferred = 0, granularity = 0;
        call("getBufferSize", [&](asio::IAsio& asio) {
            return asio.get_buffer_size(&min, &max, &preferred, &granularity);
        });
        block_ = preferred;
    }
    if (!time_info) callbacks_.buffer_switch_time_info = nullptr;
    const std::int32_t code = call("createBuffers", [&](asio::IAsio& asio) {
        return asio.create_buffers(buffers_.data(), static_cast<std::int32_t>(buffers_.size()),
                                   block_, &callbacks_);
    });
    if (code == asio::ASE_OK) prepared_ = true;
    return code;
}

std::int32_t Instance::start()
{
    const std::int32_t code = call("start", [](asio::IAsio& asio) { return asio.start(); });
    if (code == asio::ASE_OK) running_ = true;
    return code;
}

std::int32_t Instance::stop()
{
    running_ = false;
    return call("stop", [](asio::IAsio& asio) { return asio.stop(); });
}

std::int32_t Instance::dispose()
{
    prepared_ = running_ = false;
    return call("disposeBuffers", [](asio::IAsio& asio) { return asio.dispose_buffers(); });
}

void Instance::release()
{
    prepared_ = running_ = false;
    const WatchedCall watched("Release");
    std::exchange(object_, nullptr)->Release();
}

asio::IAsio* Instance::abandon()
{
    prepared_ = running_ = false;
    return std::exchange(object_, nullptr);
}

Result<void> Instance::run(int frames)
{
    if (const auto code = create({0, 1}, {0, 1}, frames); code != asio::ASE_OK)
        return failure(ExitCode::refused, "createBuffers: " + error_name(code) + " " + error());
    if (const auto code = start(); code != asio::ASE_OK)
        return failure(ExitCode::refused, "start: " + error_name(code) + " " + error());
    return {};
}

Result<void> Instance::wait(std::int64_t count, unsigned patience_ms)
{
    const std::int64_t wanted = blocks() + count;
    for (const DWORD began = GetTickCount(); blocks() < wanted; Sleep(2))
        if (GetTickCount() - began > patience_ms)
            return failure(ExitCode::no_callbacks,
                           format("Only %lld of %lld further blocks came within %u ms.",
                                  static_cast<long long>(count - (wanted - blocks())),
                                  static_cast<long long>(count), patience_ms));
    return {};
}

std::string Instance::error()
{
    std::array<char, 1024> text{};
    call("getErrorMessage",
         [&](asio::IAsio& asio) { return asio.get_error_message(text.data()), 0; });
    text[123] = '\0';
    return text.data();
}

std::vector<Message> Instance::messages() const
{
    const int count = std::min(message_count_.load(), static_cast<int>(messages_.size()));
    return {messages_.begin(), messages_.begin() + count};
}

int Instance::count_of(std::int32_t selector) const
{
    const auto all = messages();
    return static_cast<int>(std::count_if(
        all.begin(), all.end(), [=](const Message& m) { return m.selector == selector; }));
}

std::vector<std::string> Instance::bad_messages() const
{
    std::vector<std::string> bad;
    for (const Message& message : messages()) {
        const int selector = static_cast<int>(message.selector);
        if (message.thread == audio_thread_)
            bad.push_back(format("asioMessage(%d) came on the audio thread", selector));
        const bool question =
            selector == asio::kAsioSelectorSupported || selector == asio::kAsioEngineVersion ||
            selector == asio::kAsioSupportsTimeInfo || selector == asio::kAsioSupportsTimeCode;
        if (!question && !listens(message.selector))
            bad.push_back(format("asioMessage(%d) came, although nobody listens to it", selector));
    }
    return bad;
}

bool Instance::listens(std::int32_t selector) const
{
    return std::find(listens_to.begin(), listens_to.end(), selector) != listens_to.end();
}

void Instance::block_came(const asio::Time* time, int half)
{
    audio_thread_ = GetCurrentThreadId();
    if (on_block) on_block(time, half);
    blocks_.fetch_add(1, std::memory_order_release);
}

std::int32_t Instance::message_came(std::int32_t selector, std::int32_t value)
{
    const int index = message_count_.fetch_add(1);
    if (index < static_cast<int>(messages_.size()))
        messages_[static_cast<std::size_t>(index)] = {selector, value, GetCurrentThreadId()};
    switch (selector) {
    case asio::kAsioSelectorSupported:
        return listens(value);
    case asio::kAsioEngineVersion:
        return listens(selector) ? 2 : 0;
    case asio::kAsioSupportsTimeInfo:
        return listens(selector);
    default:
        return on_message ? on_message(selector, value) : listens(selector);
    }
}

void Verdict::expect(bool good, const std::string& sentence)
{
    (good ? held_ : wrong_)++;
    if (!good) say("BAD  " + sentence);
}

void Verdict::expect_code(const char* call, std::int32_t code,
                          std::initializer_list<std::int32_t> good)
{
    expect(std::find(good.begin(), good.end(), code) != good.end(),
           format("%s: %s", call, error_name(code).c_str()));
}

Result<void> Verdict::result() const
{
    say(format("expectations: %d held, %d broken", held_.load(), wrong_.load()));
    if (wrong_ == 0 && held_ > 0) return {};
    return failure(ExitCode::audio_wrong, format("%d expectations were broken.", wrong_.load()));
}

namespace {

DWORD WINAPI run_work(void* work)
{
    (*static_cast<std::function<void()>*>(work))();
    return 0;
}

} // namespace

void on_thread(const std::function<void()>& work)
{
    Beside beside(work);
}

Beside::Beside(std::function<void()> work)
    : work_(std::move(work)), thread_(CreateThread(nullptr, 0, run_work, &work_, 0, nullptr))
{}

bool Beside::join(DWORD patience_ms)
{
    if (thread_ == nullptr) return true;
    if (WaitForSingleObject(thread_, patience_ms) != WAIT_OBJECT_0) return false;
    CloseHandle(std::exchange(thread_, nullptr));
    return true;
}

} // namespace asiohost
