# SPDX-License-Identifier: MIT
"""Chooses who packs: the extension, or NumPy where it is not built. Both give the same bytes."""

from __future__ import annotations

import warnings

try:
    from ._native import pack

    implementation = "extension"
except ImportError as error:
    try:
        from ._numpy import pack
    except ImportError:
        raise ImportError(
            f"audio_writer needs its extension or NumPy; neither is here ({error})"
        ) from error
    implementation = "numpy"
    warnings.warn(
        f"audio_writer's extension cannot be used ({error}); NumPy packs instead: the same bytes, "
        "several times slower",
        RuntimeWarning,
        stacklevel=3,
    )

__all__ = ["implementation", "pack"]
