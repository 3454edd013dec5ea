# SPDX-License-Identifier: MIT
"""A kernel at work."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from . import _library
from ._kernel import VolterraKernelFull
from ._reference import NumpyEngine


class VolterraProcessorFull:
    """Sends channels of audio through one kernel, in blocks of any size, without latency.

    With oversampling of 2 or 4, products are formed at that many times the rate and do not alias
    into the band; get_info()["latency"] is then 47 or 55 frames.

    engine   "auto", "direct" (short kernels), "partitioned" (long ones; "fft" is the same), or
             "numpy": the definition, in float64 whatever the dtype, without oversampling
    dtype    of samples and sums: float64 or float32
    Shapes   of all samples: [frames] for one channel, [channel][frame] for any number
    Thread   one at a time
    """

    def __init__(
        self,
        kernel: VolterraKernelFull,
        sample_rate: float = 48000,
        *,
        engine: str = "auto",
        dtype: Any = np.float64,
        channels: int = 1,
        block_size: int = 512,
        oversampling: int = 1,
        fade: int = 512,
    ) -> None:
        wanted = np.dtype(dtype)
        if wanted.name not in _library.PRECISIONS:
            raise ValueError(f"dtype is {wanted}; it can be float32 or float64")
        engine = "partitioned" if engine == "fft" else engine
        if engine not in (*_library.ENGINES, "numpy"):
            raise ValueError(f"engine is {engine!r}; it can be auto, direct, partitioned or numpy")
        self._dtype, self._channels, self._sample_rate = wanted, channels, sample_rate
        self._kernel = kernel
        self._processor = ctypes.c_void_p()
        self._plain: list[NumpyEngine] = []
        if engine == "numpy":
            if oversampling != 1 or channels < 1:
                raise ValueError("the numpy engine has at least one channel and no oversampling")
            self._plain = [NumpyEngine(kernel) for _ in range(channels)]
            return
        config = _library.Config(
            _library.PRECISIONS[wanted.name],
            _library.ENGINES[engine],
            channels,
            block_size,
            oversampling,
            fade,
        )
        lib = _library.library()
        self._free = lib.asiowire_volterra_processor_free
        single = wanted.name == "float32"
        self._process = (
            lib.asiowire_volterra_process_f32 if single else lib.asiowire_volterra_process_f64
        )
        with _library.NativeKernel(kernel) as native:
            _library.check(
                lib.asiowire_volterra_processor_create(
                    native, ctypes.byref(config), ctypes.byref(self._processor)
                )
            )

    def __del__(self) -> None:
        if getattr(self, "_processor", None):
            self._free(self._processor)

    @property
    def kernel(self) -> VolterraKernelFull:
        """The kernel in use, or the one that is being faded in."""
        return self._kernel

    def process_block(self, block: Any, out: Any | None = None) -> Any:
        """The next frames, as many as there are; into `out` when given, which may be `block`.

        Errors   ValueError for another shape, or an `out` that is not as the samples are
        """
        x = _library.rows(block, self._channels, self._dtype)
        y = np.empty_like(x) if out is None else self._place(out, x.shape)
        if out is not None and y.ctypes.data != x.ctypes.data and np.may_share_memory(x, y):
            x = x.copy()  # one channel's output lies on another's input
        if self._plain:
            for one, source, target in zip(self._plain, x, y):
                target[:] = one.process_block(source)
        else:
            _library.check(
                self._process(
                    self._processor, _library.addresses(x), _library.addresses(y), x.shape[1]
                )
            )
        if out is not None:
            return out
        return y[0] if np.ndim(block) == 1 else y

    def process(self, x: Any, block_size: int = 512) -> Any:
        """A whole signal from silence on, the same whatever the block size; keeps no past."""
        if block_size < 1:
            raise ValueError(f"block_size is {block_size}; a block has at least one frame")
        self.reset()
        given = _library.rows(x, self._channels, self._dtype)
        y = np.empty_like(given)
        for at in range(0, given.shape[1], block_size):
            y[:, at : at + block_size] = self.process_block(given[:, at : at + block_size])
        self.reset()
        return y[0] if np.ndim(x) == 1 else y

    def set_kernel(self, kernel: VolterraKernelFull) -> None:
        """Another kernel without a click: it hears the input for N frames, then it is faded in.

        The numpy engine takes it at once, with an empty past.
        """
        if self._plain:
            self._plain = [NumpyEngine(kernel) for _ in self._plain]
        else:
            with _library.NativeKernel(kernel) as native:
                _library.check(
                    _library.library().asiowire_volterra_processor_set_kernel(
                        self._processor, native
                    )
                )
        self._kernel = kernel

    def reset(self) -> None:
        """Forgets the past; a kernel that is being faded in is in use."""
        for one in self._plain:
            one.reset()
        if not self._plain:
            _library.library().asiowire_volterra_processor_reset(self._processor)

    def get_info(self) -> dict[str, Any]:
        """engine, N, orders, latency (frames), memory_bytes and what else is in use."""
        common = {
            "N": self._kernel.N,
            "max_order": self._kernel.max_order,
            "sample_rate": self._sample_rate,
            "dtype": self._dtype.name,
            "channels": self._channels,
        }
        if self._plain:
            here = {"engine": "numpy", "oversampling": 1, "partition": 0, "latency": 0}
            orders = [order for order, _ in self._kernel.orders()]
            memory = self._kernel.estimate_memory_bytes()
            rest = {"orders": orders, "exchanging": False, "memory_bytes": memory}
            return {**common, **here, **rest, "instructions": "numpy"}
        info = _library.Info()
        _library.check(
            _library.library().asiowire_volterra_processor_get_info(
                self._processor, ctypes.byref(info)
            )
        )
        return {
            **common,
            "engine": next(name for name, code in _library.ENGINES.items() if code == info.engine),
            "orders": [order for order in range(1, 6) if info.orders >> (order - 1) & 1],
            "oversampling": info.oversampling,
            "partition": info.partition_frames,
            "latency": info.latency_frames,
            "exchanging": bool(info.exchanging),
            "memory_bytes": info.bytes,
            "instructions": info.instructions.decode(),
        }

    def _place(self, out: Any, shape: tuple[int, ...]) -> Any:
        good = isinstance(out, np.ndarray) and out.dtype == self._dtype and out.flags.writeable
        two = out[np.newaxis] if good and out.ndim == 1 else out
        if not good or two.shape != shape or (two.size and two.strides[1] != two.itemsize):
            raise ValueError(
                f"out must be a writable {self._dtype} array of the samples' shape, "
                "its frames beside each other"
            )
        return two
