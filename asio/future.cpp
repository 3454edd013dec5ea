// SPDX-License-Identifier: MIT

#include "asio/future.hpp"

namespace asiowire {

namespace {

Outcome not_offered(std::int32_t selector)
{
    return Outcome::answer(Status::unsupported,
                           "selector " + std::to_string(selector) + " is not offered");
}

/// Both for "can you" and for "do": PCM is what there is.
Outcome take_format(asio::IoFormat* format)
{
    if (format == nullptr) return {Status::bad_argument, "a pointer is null"};
    if (format->type == asio::kASIOPCMFormat) return Status::ok;
    format->type = asio::kASIOFormatInvalid;
    return Outcome::answer(Status::unsupported, "there is no format but PCM");
}

Outcome tell_format(asio::IoFormat* format)
{
    if (format == nullptr) return {Status::bad_argument, "a pointer is null"};
    format->type = asio::kASIOPCMFormat;
    return Status::ok;
}

} // namespace

Outcome answer_future(std::int32_t selector, void* param)
{
    switch (selector) {
    case asio::kAsioCanTimeInfo:
    case asio::kAsioCanReportOverload: return Status::ok;
    case asio::kAsioCanDoIoFormat:
    case asio::kAsioSetIoFormat: return take_format(static_cast<asio::IoFormat*>(param));
    case asio::kAsioGetIoFormat: return tell_format(static_cast<asio::IoFormat*>(param));
    case asio::kAsioEnableTimeCodeRead:
    case asio::kAsioDisableTimeCodeRead:
    case asio::kAsioCanTimeCode: // the graph has none
    case asio::kAsioTransport:
    case asio::kAsioCanTransport: // nor a tape
    case asio::kAsioSetInputMonitor:
    case asio::kAsioCanInputMonitor:
    case asio::kAsioSetInputGain:
    case asio::kAsioGetInputMeter:
    case asio::kAsioSetOutputGain:
    case asio::kAsioGetOutputMeter:
    case asio::kAsioCanInputGain:
    case asio::kAsioCanInputMeter:
    case asio::kAsioCanOutputGain:
    case asio::kAsioCanOutputMeter: // links and volumes are the session's, and its tools set them
    case asio::kAsioOptionalOne: return not_offered(selector);
    default:
        return {Status::bad_argument, "selector " + std::to_string(selector) + " is unknown"};
    }
}

} // namespace asiowire
