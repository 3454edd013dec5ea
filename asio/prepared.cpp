// SPDX-License-Identifier: MIT

#include "asio/prepared.hpp"

namespace asiowire {

Outcome Prepared::start()
{
    auto running = Running::create(session_);
    if (!running) return running.error();
    running_.put(*running); // before the first block, whose callback may stop it
    return (*running)->begin();
}

} // namespace asiowire
