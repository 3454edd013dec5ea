// SPDX-License-Identifier: MIT
// The recorder as its callers see it.

#include "taps/recorder.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace asiowire {

Recorder::Recorder(Ring& ring, Options options)
    : ring_(ring), options_(std::move(options)), reader_(ring), takes_(ring, options_.preroll),
      seen_dropped_(ring.header().dropped.load()),
      peaks_(options_.meters ? ring.channels() : 0)
{
    own_.channels = ring.channels();
    status_ = own_;
    // For the thread born here: under Wine a signal that lands on a native thread would run Wine's
    // handler without a Windows thread block.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Recorder::~Recorder()
{
    stop();
    over_ = true;
    thread_.join();
}

void Recorder::post(Command command)
{
    const std::lock_guard guard(mutex_);
    command.at = ring_.header().written.load(std::memory_order_acquire);
    posted_.push_back(std::move(command));
    n_posted_++;
}

void Recorder::start(TakeSettings settings)
{
    post({.kind = Command::Kind::start, .settings = std::move(settings), .text = {}});
}

void Recorder::stop()
{
    post({.kind = Command::Kind::stop, .settings = {}, .text = {}});
}

void Recorder::interrupt()
{
    post({.kind = Command::Kind::interrupt, .settings = {}, .text = {}});
}

void Recorder::mark(std::string text)
{
    post({.kind = Command::Kind::mark, .settings = {}, .text = std::move(text)});
}

void Recorder::rename(std::size_t track, std::string name)
{
    post({.kind = Command::Kind::rename, .settings = {}, .text = std::move(name), .track = track});
}

void Recorder::remark(std::string text)
{
    post({.kind = Command::Kind::remark, .settings = {}, .text = std::move(text)});
}

bool Recorder::settled() const
{
    const std::lock_guard guard(mutex_);
    return n_obeyed_ == n_posted_;
}

RecorderStatus Recorder::status()
{
    const std::lock_guard guard(mutex_);
    RecorderStatus now = status_;
    std::ranges::fill(status_.peaks, 0.0f);
    now.fill = reader_.fill(); // also while the disk holds the thread
    now.fill_highest = status_.fill_highest = std::max(now.fill_highest, now.fill);
    return now;
}

} // namespace asiowire
