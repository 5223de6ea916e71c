"""NumPy's arrays with the slow loops in the library, for what follows the bands in pieces of a clip."""

from __future__ import annotations

from typing import Any

import numpy as np

from sonogram.engines.arrays.numpy import NumPy
from sonogram.native.library import isa, library
from sonogram.native.threads import default_threads, own_threads

__all__ = ["NativeArrays"]

_DTYPES = {np.dtype(np.float32): 0, np.dtype(np.float64): 1}


class NativeArrays(NumPy):
    """NumPy in the precision of the values: float32 after a cepstrum."""

    def matmul(self, x: Any, matrix: Any, limits: Any = None) -> Any:
        """Return `x` times a matrix, in float32: the bits of a cepstrum in the library."""
        if limits is not None:
            return super().matmul(x, matrix, limits)
        rows = np.ascontiguousarray(x, np.float32)
        columns = np.ascontiguousarray(matrix.T, np.float64)
        out = np.empty((*x.shape[:-1], len(columns)), np.float32)
        count = out.size // max(1, len(columns))
        threads = own_threads() or default_threads()
        failed = library().sonogram_cepstra(
            rows.ctypes.data,
            count,
            columns.ctypes.data,
            *columns.shape[::-1],
            out.ctypes.data,
            isa().encode(),
            threads,
        )
        if failed:
            raise MemoryError("the native engine ran out of memory")
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
