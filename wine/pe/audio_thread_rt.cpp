// SPDX-License-Identifier: MIT
// Runs on the audio thread, the Windows half of the way of one period.

#include "wine/pe/threads.hpp"
#include "wine/pe/unix_half.hpp"

namespace asiowire {

void AudioThread::loop(State& state) ASIOWIRE_RT
{
    abi::RunParams& params = state.params;
    for (;;) {
        if (unix_half::call(abi::Call::run, &params) != 0) return;
        if (params.outcome != static_cast<std::uint16_t>(abi::RunOutcome::block_ready)) return;
        state.sink->block(params);
    }
}

} // namespace asiowire
