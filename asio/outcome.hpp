// SPDX-License-Identifier: MIT
#pragma once

#include "core/status.hpp"

#include <string>
#include <utility>

namespace asiowire {

/// How a method ended: a status and, where the status alone says too little, a sentence. A sentence
/// beside `ok` says what was used instead of something impossible.
struct Outcome {
    Outcome(Status status_, std::string text_ = {}) : status(status_), text(std::move(text_)) {}

    /// A "no" that hosts ask for at every start, or in every block: told, but not worth a log line.
    static Outcome answer(Status status, std::string text)
    {
        Outcome outcome(status, std::move(text));
        outcome.is_answer = true;
        return outcome;
    }

    Status status;
    std::string text;
    bool is_answer = false;
};

} // namespace asiowire
