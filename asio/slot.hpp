// SPDX-License-Identifier: MIT
#pragma once

#include "asio/srw_guard.hpp"

#include <memory>
#include <utility>

namespace asiowire {

/// The place of a state that is there or not. Any thread looks into it at any time, and what it finds
/// there lives until it has finished looking, even when the state is left meanwhile: hence no
/// std::optional.
/// [any-thread]  locked for the moment of a pointer's exchange
template <class State> class Slot {
public:
    std::shared_ptr<State> get() const
    {
        const SrwGuard guard(lock_, SrwGuard::shared);
        return state_;
    }

    void put(std::shared_ptr<State> state)
    {
        const SrwGuard guard(lock_, SrwGuard::exclusive);
        state_.swap(state); // the guard goes first, and then what was here before
    }

    std::shared_ptr<State> take()
    {
        const SrwGuard guard(lock_, SrwGuard::exclusive);
        return std::exchange(state_, nullptr);
    }

private:
    mutable SRWLOCK lock_ = SRWLOCK_INIT;
    std::shared_ptr<State> state_;
};

} // namespace asiowire
