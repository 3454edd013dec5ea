// SPDX-License-Identifier: MIT
#include "tools/hook_runner/hear.hpp"

#include "hooks/runner/child.hpp"
#include "hooks/runner/hook_process.hpp"
#include "tools/hook_runner/ring_source.hpp"
#include "tools/hook_runner/wav_source.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <sys/mman.h>

namespace asiowire {

using namespace hooks;

namespace {

constexpr std::size_t fixed_words = 5;
constexpr std::string_view wav = "wav:";

} // namespace

int hear(const std::vector<std::string>& words)
{
    if (words.size() < fixed_words) return 2;
    HookOrders orders;
    orders.object = words[0];
    orders.channels = words[1];
    orders.memory_bytes = std::strtoull(words[2].c_str(), nullptr, 10);
    const bool patient = words[3] == "patient";
    for (std::size_t i = fixed_words; i < words.size(); i++) {
        const std::size_t equals = words[i].find('=');
        if (equals != std::string::npos)
            orders.settings.push_back({words[i].substr(0, equals), words[i].substr(equals + 1)});
    }
    void* const page =
        mmap(nullptr, sizeof(Pulse), PROT_READ | PROT_WRITE, MAP_SHARED, child_pulse, 0);
    if (page == MAP_FAILED) return 2;
    fcntl(child_socket, F_SETFD, FD_CLOEXEC);
    close(child_pulse);
    const bool is_file = words[4].starts_with(wav);
    auto source = is_file ? open_wav(words[4].substr(wav.size())) : open_ring(child_source);
    if (!is_file) close(child_source); // mapped; a hook is not to find it
    if (!source) {
        Wire(child_socket, patient).say(Said::failed, source.error());
        return 1;
    }
    return run_hook(orders, **source, child_socket, patient, *static_cast<Pulse*>(page));
}

} // namespace asiowire
