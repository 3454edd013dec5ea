// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <cstdio>

#include "report.hpp"
#include "win_clock.hpp"

namespace asiohost {
namespace {

Result<void> run_changed(const DriverEntry& entry, const Options& options, const Plan& plan)
{
    const auto outcome = run_once(entry, plan);
    if (!outcome) return std::unexpected(outcome.error());
    return report_run(*outcome, options);
}

Result<void> fault_time_info_null(const DriverEntry& entry, const Options& options)
{
    Plan plan = options.plan;
    plan.time_info = false;
    return run_changed(entry, options, plan);
}

Result<void> fault_message_zero(const DriverEntry& entry, const Options& options)
{
    Plan plan = options.plan;
    plan.answer_messages = false;
    return run_changed(entry, options, plan);
}

Result<void> fault_callbacks_gone(const DriverEntry& entry, const Options& options)
{
    Plan plan = options.plan;
    plan.forget_callbacks = true;
    return run_changed(entry, options, plan);
}

constexpr Fault kFaults[] = {
    {"suspend", "Suspends and resumes the audio thread and sets its context, all through the run.",
     fault_suspend},
    {"throw", "Throws an exception through 5 frames in every 10th callback and catches it there.",
     fault_throw},
    {"access-violation",
     "Writes to address 0 in every 10th callback and goes on by a vectored handler.",
     fault_access_violation},
    {"exit-thread", "Calls ExitThread in callback 500; then stops, disposes and releases.",
     fault_exit_thread},
    {"self-terminate", "The audio thread terminates itself in callback 500; then as exit-thread.",
     fault_self_terminate},
    {"terminate-thread", "Terminates the audio thread from outside; then as exit-thread.",
     fault_terminate_thread},
    {"exit-process", "Calls ExitProcess(43) from the main thread while running.",
     fault_exit_process},
    {"exit-process-in-callback", "Calls ExitProcess(42) in callback 500.",
     fault_exit_process_in_callback},
    {"terminate-process", "Calls TerminateProcess(44) on itself while running.",
     fault_terminate_process},
    {"crash",
     "Writes to address 16 in callback 500 with nobody to handle it: the process must end.",
     fault_crash},
    {"stop-in-callback", "Calls stop() in callback 500; then disposes and runs again.",
     fault_stop_in_callback},
    {"dispose-in-callback", "Calls disposeBuffers() in callback 500; then runs again.",
     fault_dispose_in_callback},
    {"release-running", "Releases the driver while running; then opens it again and runs.",
     fault_release_running},
    {"no-stop-free-library",
     "Loads the driver without COM, releases it while running and frees the library.",
     fault_no_stop_free_library},
    {"rounds", "Opens, starts, stops and closes --rounds times and counts what stays behind.",
     fault_rounds},
    {"bad-sizes", "Calls with sizes, channels, pointers and orders that make no sense; then runs.",
     fault_bad_sizes},
    {"time-info-null", "Runs without a bufferSwitchTimeInfo callback.", fault_time_info_null},
    {"message-zero", "Runs and answers every asioMessage with 0.", fault_message_zero},
    {"callbacks-gone", "Runs with a callback struct that is overwritten after createBuffers.",
     fault_callbacks_gone},
    {"identity", "Asks the object and its factory for every interface that hosts ask for.",
     fault_identity},
    {"no-com", "Without COM: loads, runs, releases and frees the library at once, --rounds times.",
     fault_no_com},
    {"init-twice", "Calls init twice, with senseless handles, and again while running.",
     fault_init_twice},
    {"before-init", "Calls every method before init, and controlPanel at every stage.",
     fault_before_init},
    {"several", "Opens, runs and closes four objects at once from four threads.", fault_several},
    {"threads", "Makes, initialises, starts, stops and releases an object each on another thread.",
     fault_threads},
    {"early-questions", "Asks for latencies and says outputReady before, while and after running.",
     fault_early_questions},
    {"ask-rates", "Asks for usual and absurd rates before and while running.", fault_ask_rates},
    {"set-rates", "Sets six rates without asking, runs at each, and restores the first one.",
     fault_set_rates},
    {"impossible-rates", "Sets rates that no graph has, before and while running.",
     fault_impossible_rates},
    {"rate-while-running", "Changes the rate while running.", fault_rate_while_running},
    {"first-rate-of-portaudio", "Runs at the first rate that is accepted out of thirteen.",
     fault_first_rate_of_portaudio},
    {"dummy-cycle",
     "Disposes without buffers, runs 80 ms with 2 + 2 channels, then makes all buffers.",
     fault_dummy_cycle},
    {"sparse", "Runs with channels 3 and 4 alone.", fault_sparse},
    {"same-channel-twice",
     "Asks for the same channels several times, more often than there are any.",
     fault_same_channel_twice},
    {"all-sizes", "Runs with twelve sizes from 16 to 8192 frames and is refused others.",
     fault_all_sizes},
    {"wrong-channel", "Asks for channels that do not exist; then runs.", fault_wrong_channel},
    {"one-type", "Compares the sample types of all channels.", fault_one_type},
    {"lock-around-start", "Holds a lock around start that its bufferSwitch wants.",
     fault_lock_around_start},
    {"stop-from-two-threads", "Calls stop on two threads at the same time.",
     fault_stop_from_two_threads},
    {"stop-while-releasing", "Calls stop while the last Release is under way on another thread.",
     fault_stop_while_releasing},
    {"release-in-callback", "Gives the last reference back inside bufferSwitch.",
     fault_release_in_callback},
    {"dispose-running", "Calls disposeBuffers without stop.", fault_dispose_running},
    {"stop-in-slow-callback", "Calls stop, then disposeBuffers, while bufferSwitch takes 300 ms.",
     fault_stop_in_slow_callback},
    {"hang", "Hangs in bufferSwitch for a second and wants to go on.", fault_hang},
    {"suspend-all", "Suspends all other threads, reads their contexts and resumes them, 100 times.",
     fault_suspend_all},
    {"write-nothing",
     "Plays, then writes nothing any more, and listens whether silence comes back.",
     fault_write_nothing},
    {"control-words", "Changes its floating-point control words and plays NaNs and denormals.",
     fault_control_words},
    {"notify-ignored", "Answers a notification with 1 and does nothing.", fault_notify_ignored},
    {"notify-rebuild", "Stops, disposes, creates and starts inside a notification.",
     fault_notify_rebuild},
    {"notify-release", "Releases inside a notification and opens a new object there.",
     fault_notify_release},
    {"notify-new-thread", "Leaves a notification to a new thread that rebuilds everything.",
     fault_notify_new_thread},
    {"notify-slow", "Sits in asioMessage for 2 s while another thread closes everything.",
     fault_notify_slow},
    {"notify-deaf", "Supports no message and looks whether one comes.", fault_notify_deaf},
    {"future", "Asks future() for every known selector, with and without a parameter.",
     fault_future},
    {"time", "Compares all times and positions with each other and with the clock.", fault_time},
    {"storm", "Calls start, stop, dispose and create in random order from two threads.",
     fault_storm},
};

} // namespace

std::span<const Fault> all_faults()
{
    return kFaults;
}

Result<void> run_fault(const DriverEntry& entry, const Options& options)
{
    for (const Fault& fault : kFaults)
        if (options.fault == fault.name) return fault.run(entry, options);
    return failure(ExitCode::usage, "There is no fault \"" + options.fault + "\"; see --help.");
}

Result<std::unique_ptr<Session>> start_with(const DriverEntry& entry, Plan plan, BlockHook hook,
                                            Session** session)
{
    plan.hook = hook;
    auto driver = Driver::open(entry);
    if (!driver) return std::unexpected(driver.error());
    auto made = std::make_unique<Session>(std::move(*driver));
    if (session != nullptr) *session = made.get();
    auto step = made->prepare(plan);
    if (step) step = made->start();
    if (!step) return std::unexpected(step.error());
    return made;
}

Result<void> wait_for_callbacks(const Session& session, std::int64_t count)
{
    std::int64_t seen = -1;
    std::int64_t since = now_ticks();
    // The longest pause between two callbacks, not the time for all of them.
    const auto patience = ticks_per_second() * kCallbackLimitMs / 1000;
    while (session.callbacks() < count) {
        if (session.callbacks() != seen) {
            seen = session.callbacks();
            since = now_ticks();
        } else if (now_ticks() - since > patience) {
            return failure(ExitCode::no_callbacks,
                           format("bufferSwitch came %lld times and then no more.",
                                  static_cast<long long>(seen)));
        }
        Sleep(5);
    }
    return {};
}

Result<void> expect_silence(const Session& session)
{
    Sleep(200); // the callback under way may end
    const std::int64_t before = session.callbacks();
    Sleep(300);
    if (session.callbacks() == before) return {};
    return failure(ExitCode::audio_wrong, "Callbacks still come, although nothing runs.");
}

Result<void> run_normal_second(const DriverEntry& entry, const Options& options)
{
    Plan plan = options.plan;
    plan.seconds = 1;
    say("now an ordinary second");
    return run_changed(entry, options, plan);
}

Result<void> report_run(const Outcome& outcome, const Options& options)
{
    std::printf("%s", (options.json ? json_report(outcome) + "\n" : human_report(outcome)).c_str());
    std::fflush(stdout);
    const auto wrong = complaints(outcome);
    if (wrong.empty()) return {};
    return failure(ExitCode::audio_wrong, wrong.front());
}

} // namespace asiohost
