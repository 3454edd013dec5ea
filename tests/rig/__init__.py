# SPDX-License-Identifier: MIT
"""The rig: a private PipeWire, a private Wine prefix, and an end for every process it started."""
