// SPDX-License-Identifier: MIT

#include "pipewire/caretaker.hpp"

#include "wine/unix/signals.hpp"

#include <pthread.h>
#include <utility>

namespace asiowire {

Caretaker::Caretaker(std::chrono::milliseconds pace, std::function<void()> round)
{
    const SignalsBlocked blocked; // for the thread born here
    thread_ = std::thread([this, pace, round = std::move(round)] {
        pthread_setname_np(pthread_self(), "asiowire-care");
        while (!over_) {
            round();
            static_cast<void>(wake_.try_acquire_for(pace));
        }
    });
}

Caretaker::~Caretaker()
{
    over_ = true;
    wake_.release();
    thread_.join();
}

} // namespace asiowire
