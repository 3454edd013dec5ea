// SPDX-License-Identifier: MIT
#pragma once

#include "args.hpp"

#include <span>
#include <string>

namespace asiohost {

/// A fault switch: something hosts do by mistake or by force, and how the driver has to take it.
struct Fault {
    const char* name;
    const char* purpose; // one sentence
    Result<void> (*run)(const DriverEntry& entry, const Options& options);
};

/// Every fault switch there is.
///
/// [any thread]
std::span<const Fault> all_faults();

/// Runs the fault that the options name; success means that the driver took it as it should.
///
/// [main-thread]
/// Errors   usage for an unknown name; audio_wrong when it was not survived; as an ordinary run
Result<void> run_fault(const DriverEntry& entry, const Options& options);

// The switches themselves, by file. Each prints what it did on stderr, and the report of a run on
// stdout. [main-thread]

// faults_thread.cpp: things done to the audio thread.
Result<void> fault_suspend(const DriverEntry& entry, const Options& options);
Result<void> fault_throw(const DriverEntry& entry, const Options& options);
Result<void> fault_access_violation(const DriverEntry& entry, const Options& options);
Result<void> fault_exit_thread(const DriverEntry& entry, const Options& options);
Result<void> fault_self_terminate(const DriverEntry& entry, const Options& options);
Result<void> fault_terminate_thread(const DriverEntry& entry, const Options& options);

// faults_process.cpp: ends of the process; they return only when the process did not end.
Result<void> fault_exit_process(const DriverEntry& entry, const Options& options);
Result<void> fault_exit_process_in_callback(const DriverEntry& entry, const Options& options);
Result<void> fault_terminate_process(const DriverEntry& entry, const Options& options);
Result<void> fault_crash(const DriverEntry& entry, const Options& options);

// faults_order.cpp: driver calls out of their order or from the wrong thread.
Result<void> fault_stop_in_callback(const DriverEntry& entry, const Options& options);
Result<void> fault_dispose_in_callback(const DriverEntry& entry, const Options& options);
Result<void> fault_release_running(const DriverEntry& entry, const Options& options);
Result<void> fault_no_stop_free_library(const DriverEntry& entry, const Options& options);

// faults_input.cpp: calls with nonsense.
Result<void> fault_bad_sizes(const DriverEntry& entry, const Options& options);

// faults_rounds.cpp: many rounds, to see what stays behind.
Result<void> fault_rounds(const DriverEntry& entry, const Options& options);

// faults_opening.cpp: the driver object before it runs.
Result<void> fault_identity(const DriverEntry& entry, const Options& options);
Result<void> fault_no_com(const DriverEntry& entry, const Options& options);
Result<void> fault_init_twice(const DriverEntry& entry, const Options& options);
Result<void> fault_before_init(const DriverEntry& entry, const Options& options);
Result<void> fault_several(const DriverEntry& entry, const Options& options);
Result<void> fault_threads(const DriverEntry& entry, const Options& options);
Result<void> fault_early_questions(const DriverEntry& entry, const Options& options);

// faults_rates.cpp: sample rates asked for and set.
Result<void> fault_ask_rates(const DriverEntry& entry, const Options& options);
Result<void> fault_set_rates(const DriverEntry& entry, const Options& options);
Result<void> fault_impossible_rates(const DriverEntry& entry, const Options& options);
Result<void> fault_rate_while_running(const DriverEntry& entry, const Options& options);
Result<void> fault_first_rate_of_portaudio(const DriverEntry& entry, const Options& options);

// faults_buffers.cpp: unusual buffers.
Result<void> fault_dummy_cycle(const DriverEntry& entry, const Options& options);
Result<void> fault_sparse(const DriverEntry& entry, const Options& options);
Result<void> fault_same_channel_twice(const DriverEntry& entry, const Options& options);
Result<void> fault_all_sizes(const DriverEntry& entry, const Options& options);
Result<void> fault_wrong_channel(const DriverEntry& entry, const Options& options);
Result<void> fault_one_type(const DriverEntry& entry, const Options& options);

// faults_running.cpp: hosts that hold, stop or leave a running driver at a bad moment.
Result<void> fault_lock_around_start(const DriverEntry& entry, const Options& options);
Result<void> fault_stop_from_two_threads(const DriverEntry& entry, const Options& options);
Result<void> fault_stop_while_releasing(const DriverEntry& entry, const Options& options);
Result<void> fault_release_in_callback(const DriverEntry& entry, const Options& options);
Result<void> fault_dispose_running(const DriverEntry& entry, const Options& options);
Result<void> fault_stop_in_slow_callback(const DriverEntry& entry, const Options& options);
Result<void> fault_hang(const DriverEntry& entry, const Options& options);
Result<void> fault_suspend_all(const DriverEntry& entry, const Options& options);

// faults_content.cpp: what is in the buffers.
Result<void> fault_write_nothing(const DriverEntry& entry, const Options& options);
Result<void> fault_control_words(const DriverEntry& entry, const Options& options);

// faults_messages.cpp: hosts that are notified.
Result<void> fault_notify_ignored(const DriverEntry& entry, const Options& options);
Result<void> fault_notify_rebuild(const DriverEntry& entry, const Options& options);
Result<void> fault_notify_release(const DriverEntry& entry, const Options& options);
Result<void> fault_notify_new_thread(const DriverEntry& entry, const Options& options);
Result<void> fault_notify_slow(const DriverEntry& entry, const Options& options);
Result<void> fault_notify_deaf(const DriverEntry& entry, const Options& options);

// faults_future.cpp, faults_time.cpp, faults_storm.cpp.
Result<void> fault_future(const DriverEntry& entry, const Options& options);
Result<void> fault_time(const DriverEntry& entry, const Options& options);
Result<void> fault_storm(const DriverEntry& entry, const Options& options);

// What several of them need (faults.cpp).

/// The block at which the faults of the callback strike.
inline constexpr std::int64_t kFaultBlock = 500;

/// Opens the driver, makes buffers with this hook and starts; `session`, when given, is set before
/// the first callback, for hooks that need it.
///
/// [main-thread]
Result<std::unique_ptr<Session>> start_with(const DriverEntry& entry, Plan plan, BlockHook hook,
                                            Session** session = nullptr);

/// Waits until `count` callbacks came; as patient as their pace demands.
///
/// [main-thread & running]
/// Errors   no_callbacks
Result<void> wait_for_callbacks(const Session& session, std::int64_t count);

/// Checks that callbacks have ceased.
///
/// [main-thread]
/// Errors   audio_wrong when they still come
Result<void> expect_silence(const Session& session);

/// An ordinary run of a second, to show that the driver still works.
///
/// [main-thread]
Result<void> run_normal_second(const DriverEntry& entry, const Options& options);

/// Prints a run's report on stdout.
///
/// [main-thread]
/// Errors   audio_wrong when the run has complaints
Result<void> report_run(const Outcome& outcome, const Options& options);

} // namespace asiohost
