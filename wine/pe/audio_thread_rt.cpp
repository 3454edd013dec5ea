// SPDX-License-Identifier: MIT
// Runs on the audio thread, the Windows half of the way of one period.

#include "wine/pe/threads.hpp"
#include "wine/pe/unix_half.hpp"

namespace asiowire {

void AudioThread::loop(State& state) ASIOWIRE_RT
{
    abi::RunParams& params = state.params;
    params.windows_stack = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    for (;;) {
        if (unix_half::call(abi::Call::run, &params) != 0) return;
        if (params.outcome != static_cast<std::uint8_t>(abi::RunOutcome::block_ready)) return;
        state.sink.block(state.sink.context.get(), params);
    }
}

} // namespace asiowire
