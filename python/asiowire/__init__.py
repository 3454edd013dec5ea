# SPDX-License-Identifier: MIT
"""What AsioWire offers to Python, one package per room."""
