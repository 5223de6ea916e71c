"""The reference's arrays, with the slow loops in the library: the same bits in a tenth of the time."""

from __future__ import annotations

from typing import Any

import numpy as np

from sonogram.engines.arrays.numpy import NumPy
from sonogram.native.library import library
from sonogram.native.threads import default_threads, own_threads

__all__ = ["NativeArrays"]

_DTYPES = {np.dtype(np.float32): 0, np.dtype(np.float64): 1}


class NativeArrays(NumPy):
    """NumPy in float64, see there."""

    def matmul(self, x: Any, matrix: Any, limits: Any = None) -> Any:
        """Return `x` times a matrix."""
        if limits is not None:
            return super().matmul(x, matrix, limits)
        rows = np.ascontiguousarray(x, np.float64)
        columns = np.ascontiguousarray(matrix.T, np.float64)
        out = np.empty((*x.shape[:-1], len(columns)))
        count = out.size // max(1, len(columns))
        threads = own_threads() or default_threads()
        library().sonogram_multiply(
            rows.ctypes.data, count, columns.ctypes.data, *columns.shape[::-1], out.ctypes.data, threads
        )
        return out

    def smooth(self, x: Any, smoothing: float, initial: Any) -> Any:
        """Return the exponential moving average over the frames."""
        if x.dtype not in _DTYPES or not x.shape[-2]:
            return super().smooth(x, smoothing, initial)
        values = np.ascontiguousarray(x)
        out = np.empty_like(values)
        out[..., :1, :] = super().smooth(values[..., :1, :], smoothing, initial)
        frames, bands = values.shape[-2:]
        for own, into in zip(values.reshape(-1, frames, bands), out.reshape(-1, frames, bands), strict=True):
            library().sonogram_smooth(
                own.ctypes.data, frames, bands, smoothing, _DTYPES[x.dtype], into.ctypes.data
            )
        return out
