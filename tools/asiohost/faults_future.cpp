// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <array>

#include "instance.hpp"

namespace asiohost {
namespace {

// Selectors that a driver without such hardware refuses, by their published numbers.
struct Selector {
    std::int32_t number;
    const char* name;
};
constexpr Selector kRefused[] = {
    {1, "EnableTimeCodeRead"}, {2, "DisableTimeCodeRead"}, {3, "SetInputMonitor"},
    {4, "Transport"},          {5, "SetInputGain"},        {6, "GetInputMeter"},
    {7, "SetOutputGain"},      {8, "GetOutputMeter"},      {9, "CanInputMonitor"},
    {11, "CanTimeCode"},       {12, "CanTransport"},       {13, "CanInputGain"},
    {14, "CanInputMeter"},     {15, "CanOutputGain"},      {16, "CanOutputMeter"},
    {17, "OptionalOne"},
};
constexpr Selector kUnknown[] = {{12345, "an unknown one"}, {-1, "a negative one"}};
constexpr std::int32_t kSetIoFormat = 0x23111961;
constexpr std::int32_t kGetIoFormat = 0x23111983;
constexpr std::int32_t kCanDoIoFormat = 0x23112004;

struct IoFormat {
    std::int32_t type = 0; // 0: PCM, 1: DSD
    std::array<char, 508> future{};
};

struct InternalSamples {
    std::int32_t input = -1;
    std::int32_t output = -1;
};

class Questions {
public:
    explicit Questions(Instance& instance) : instance_(instance) {}

    std::int32_t ask(std::int32_t selector, void* param)
    {
        return instance_.call("future",
                              [=](asio::IAsio& asio) { return asio.future(selector, param); });
    }

    void expect(const char* name, std::int32_t selector, void* param, std::int32_t wanted)
    {
        verdict_.expect_code(name, ask(selector, param), {wanted});
    }

    Verdict& verdict() { return verdict_; }

private:
    Instance& instance_;
    Verdict verdict_;
};

void ask_everything(Questions& questions)
{
    using namespace asio;
    questions.expect("CanReportOverload", kAsioCanReportOverload, nullptr, ASE_SUCCESS);
    questions.expect("CanTimeInfo", kAsioCanTimeInfo, nullptr, ASE_SUCCESS);
    InternalSamples samples;
    questions.expect("GetInternalBufferSamples", kAsioGetInternalBufferSamples, &samples,
                     ASE_SUCCESS);
    questions.verdict().expect(samples.input >= 0 && samples.output >= 0,
                               "GetInternalBufferSamples did not fill its two numbers");
    IoFormat pcm{.type = 0}, dsd{.type = 1}, got{.type = 77};
    questions.expect("CanDoIoFormat, PCM", kCanDoIoFormat, &pcm, ASE_SUCCESS);
    questions.expect("CanDoIoFormat, DSD", kCanDoIoFormat, &dsd, ASE_NotPresent);
    questions.expect("GetIoFormat", kGetIoFormat, &got, ASE_SUCCESS);
    questions.verdict().expect(got.type == 0, "GetIoFormat does not say PCM");
    questions.expect("SetIoFormat, PCM", kSetIoFormat, &pcm, ASE_SUCCESS);
    questions.expect("SetIoFormat, DSD", kSetIoFormat, &dsd, ASE_NotPresent);
    std::array<char, 1024> room{};
    for (const Selector& selector : kRefused)
        questions.expect(selector.name, selector.number, room.data(), ASE_NotPresent);
    for (const Selector& selector : kUnknown)
        questions.expect(selector.name, selector.number, room.data(), ASE_InvalidParameter);
}

void ask_with_nothing(Questions& questions)
{
    for (const std::int32_t selector :
         {kSetIoFormat, kGetIoFormat, kCanDoIoFormat,
          static_cast<std::int32_t>(asio::kAsioGetInternalBufferSamples)})
        questions.verdict().expect_code("a selector that wants a parameter, without one",
                                        questions.ask(selector, nullptr),
                                        {asio::ASE_InvalidParameter, asio::ASE_NotPresent});
    for (const Selector& selector : kRefused)
        questions.expect(selector.name, selector.number, nullptr, asio::ASE_NotPresent);
    for (const Selector& selector : kUnknown)
        questions.expect(selector.name, selector.number, nullptr, asio::ASE_InvalidParameter);
}

} // namespace

Result<void> fault_future(const DriverEntry& entry, const Options&)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Questions questions(instance);
    ask_everything(questions);
    ask_with_nothing(questions);
    if (auto run = instance.run(); !run) return run;
    ask_everything(questions);
    ask_with_nothing(questions);
    if (auto came = instance.wait(10); !came) return came;
    return questions.verdict().result();
}

} // namespace asiohost
