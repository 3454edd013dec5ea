# SPDX-License-Identifier: MIT
"""The ready-made operations: what they are in C."""

from ._elements import Element

READY = {
    "full": Element(
        "void full(size_t n, real y[n], real value)",
        "y = value;",
    ),
    "add": Element(
        "void add(size_t n, real y[n], const real x[n])",
        "y = y + x;",
    ),
    "mul": Element(
        "void mul(size_t n, real y[n], const real x[n])",
        "y = y * x;",
    ),
    "axpy": Element(
        "void axpy(size_t n, real y[n], real a, const real x[n])",
        "y = a * x + y;",
    ),
    # This way round NaN stays NaN.
    "relu": Element(
        "void relu(size_t n, real y[n])",
        "y = y < 0 ? 0 : y;",
    ),
    "batch_norm": Element(
        "void batch_norm(size_t channels, size_t frames, real y[channels][frames],"
        " const real mean[channels], const real variance[channels],"
        " const real gamma[channels], const real beta[channels], real epsilon)",
        "y = (y - mean) * (gamma / sqrt(variance + epsilon)) + beta;",
    ),
}
