// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include "instance.hpp"
#include "report.hpp"

namespace asiohost {
namespace {

std::string name_of(const char* call, int frames)
{
    return format("%s, %d frames", call, frames);
}

} // namespace

Result<void> fault_dummy_cycle(const DriverEntry& entry, const Options& options)
{
    {
        auto opened = Instance::open(entry);
        if (!opened) return std::unexpected(opened.error());
        Instance& instance = **opened;
        Verdict verdict;
        verdict.expect_code("disposeBuffers without buffers", instance.dispose(),
                            {asio::ASE_OK, asio::ASE_InvalidMode});
        if (auto run = instance.run(); !run) return run;
        Sleep(80);
        verdict.expect_code("stop", instance.stop(), {asio::ASE_OK});
        verdict.expect_code("disposeBuffers", instance.dispose(), {asio::ASE_OK});
        std::int32_t inputs = 0, outputs = 0;
        verdict.expect_code("getChannels", instance.object()->get_channels(&inputs, &outputs), {0});
        std::vector<int> in, out;
        for (int i = 0; i < inputs; i++)
            in.push_back(i);
        for (int i = 0; i < outputs; i++)
            out.push_back(i);
        verdict.expect_code("createBuffers again", instance.create(in, out), {asio::ASE_OK});
        verdict.expect_code("start again", instance.start(), {asio::ASE_OK});
        if (auto came = instance.wait(20); !came) return came;
        if (auto good = verdict.result(); !good) return good;
    }
    return run_normal_second(entry, options);
}

Result<void> fault_sparse(const DriverEntry& entry, const Options& options)
{
    Plan plan = options.plan;
    plan.first_channel = 2;
    plan.inputs = plan.outputs = 2;
    const auto outcome = run_once(entry, plan);
    if (!outcome) return std::unexpected(outcome.error());
    return report_run(*outcome, options);
}

Result<void> fault_same_channel_twice(const DriverEntry& entry, const Options&)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Verdict verdict;
    // More requests than there are channels: the numbers count, not how many there are.
    const std::vector<int> twice = {0, 1, 1, 0, 0, 1, 0, 1, 1};
    verdict.expect_code("createBuffers", instance.create(twice, twice), {asio::ASE_OK});
    for (const asio::BufferInfo& one : instance.buffers()) {
        for (const asio::BufferInfo& other : instance.buffers()) {
            const bool same = one.is_input == other.is_input && one.channel == other.channel;
            for (int half = 0; half < 2; half++)
                verdict.expect((one.buffers[half] == other.buffers[half]) == same,
                               "two requests share a buffer when they should not, or do not");
        }
    }
    verdict.expect_code("start", instance.start(), {asio::ASE_OK});
    if (auto came = instance.wait(20); !came) return came;
    return verdict.result();
}

Result<void> fault_all_sizes(const DriverEntry& entry, const Options&)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Verdict verdict;
    for (const int frames : {16, 17, 31, 32, 100, 441, 512, 1000, 2048, 4095, 8191, 8192}) {
        verdict.expect_code(name_of("createBuffers", frames).c_str(),
                            instance.create({0, 1}, {0, 1}, frames), {asio::ASE_OK});
        verdict.expect_code(name_of("start", frames).c_str(), instance.start(), {asio::ASE_OK});
        if (auto came = instance.wait(3); !came) return came;
        verdict.expect_code("stop", instance.stop(), {asio::ASE_OK});
        verdict.expect_code("disposeBuffers", instance.dispose(), {asio::ASE_OK});
    }
    for (const int frames : {-1, 1, 15, 8193, 65536}) {
        verdict.expect_code(name_of("createBuffers", frames).c_str(),
                            instance.create({0}, {0}, frames),
                            {asio::ASE_InvalidMode});
        const std::string sentence = instance.error();
        verdict.expect(sentence.find(format("%d", frames)) != std::string::npos,
                       "the sentence does not name the size: " + sentence);
    }
    return verdict.result();
}

Result<void> fault_wrong_channel(const DriverEntry& entry, const Options&)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Verdict verdict;
    std::int32_t inputs = 0, outputs = 0;
    verdict.expect_code("getChannels", instance.object()->get_channels(&inputs, &outputs), {0});
    for (const int bad : {-1, static_cast<int>(outputs), 64, 1 << 30}) {
        verdict.expect_code(format("createBuffers, output %d", bad).c_str(),
                            instance.create({0}, {bad}), {asio::ASE_InvalidMode});
        verdict.expect_code(format("createBuffers, input %d", bad).c_str(),
                            instance.create({bad}, {0}), {asio::ASE_InvalidMode});
    }
    if (auto run = instance.run(); !run) return run;
    if (auto came = instance.wait(20); !came) return came;
    return verdict.result();
}

Result<void> fault_one_type(const DriverEntry& entry, const Options&)
{
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Verdict verdict;
    std::int32_t counts[2]{}; // outputs, inputs
    verdict.expect_code("getChannels", instance.object()->get_channels(&counts[1], &counts[0]),
                        {0});
    asio::ChannelInfo first{};
    for (asio::Bool is_input = 0; is_input < 2; is_input++) {
        for (std::int32_t i = 0; i < counts[is_input]; i++) {
            asio::ChannelInfo info{};
            info.channel = i;
            info.is_input = is_input;
            verdict.expect_code("getChannelInfo", instance.object()->get_channel_info(&info), {0});
            if (i == 0 && is_input == 0) first = info;
            verdict.expect(info.type == first.type, "channels have different sample types");
        }
    }
    say("every channel has " + sample_type_name(first.type));
    return verdict.result();
}

} // namespace asiohost
