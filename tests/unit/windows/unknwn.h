// SPDX-License-Identifier: MIT
#pragma once

/// As much of Windows' header as the ASIO interface's declaration needs, so that the error table
/// can be read by a native test.
struct IUnknown {
    virtual ~IUnknown() = default;
};
