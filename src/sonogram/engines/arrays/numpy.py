"""NumPy in float64: the reference for every other namespace."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from sonogram.engines.arrays.base import Arrays

__all__ = ["NumPy", "NumPyLike"]

_ROWS = 128  # rows in one step of a matrix product


class NumPyLike(Arrays):
    """A library with the functions of NumPy."""

    precision: ClassVar[Any]
    integer: ClassVar[Any]

    def samples(self, x: Any) -> Any:
        array = self.library.asarray(x)
        return self.floats(array) / 32768.0 if array.dtype.name == "int16" else self.floats(array)

    def integers(self, value: Any, like: Any) -> Any:
        return self.library.asarray(value).astype(self.integer)

    def size(self, x: Any, axis: int) -> Any:
        return x.shape[axis]

    def arange(self, start: Any, stop: Any, like: Any) -> Any:
        return self.library.arange(start, stop)

    def pad(self, x: Any, before: Any, after: Any, axis: int) -> Any:
        widths = [(0, 0)] * x.ndim
        widths[axis] = (before, after)
        return self.library.pad(x, widths)

    def crop(self, x: Any, start: Any, size: Any, axis: int) -> Any:
        where = [slice(None)] * x.ndim
        where[axis] = slice(start, start + size)
        return x[tuple(where)]

    def take(self, x: Any, index: Any) -> Any:
        return x[..., index] if index.ndim == 1 else self.library.take_along_axis(x, index, axis=-1)

    def rows(self, x: Any, index: Any) -> Any:
        return x[index]

    def pick(self, x: Any, index: Any, axis: int) -> Any:
        return self.library.take(x, index, axis=axis)

    def transpose(self, x: Any) -> Any:
        return self.library.swapaxes(x, -1, -2)

    def sort(self, x: Any) -> Any:
        return self.library.sort(x, axis=-1)

    def cumsum(self, x: Any) -> Any:
        return self.library.cumsum(x, axis=-1)

    def cast(self, x: Any, like: Any) -> Any:
        return x.astype(like.dtype)

    def floats(self, x: Any) -> Any:
        return x.astype(self.precision)

    def amax(self, x: Any, axes: tuple[int, ...]) -> Any:
        return self.library.max(x, axis=axes, keepdims=True, initial=-np.inf)

    def asum(self, x: Any, axes: tuple[int, ...]) -> Any:
        return self.library.sum(x, axis=axes, keepdims=True)

    def rfft(self, frames: Any, fft_length: int) -> tuple[Any, Any]:
        spectrum = self.library.fft.rfft(frames, fft_length)
        return spectrum.real, spectrum.imag

    def irfft(self, spectrum: Any, fft_length: int) -> Any:
        return self.library.fft.irfft(spectrum, fft_length)


def _atan2(y: Any, x: Any) -> Any:
    # The last digit of NumPy's float32 arctangent depends on the processor; rounded from float64 it does not.
    return np.arctan2(y.astype(np.float64), x.astype(np.float64)).astype(y.dtype)


class NumPy(NumPyLike, library=np, expand=np.expand_dims, atan2=_atan2):
    """Float64. A row of a result depends on the same row of the input alone, bit for bit."""

    name = "numpy"
    precision, integer = np.float64, np.int64

    def constant(self, value: Any, like: Any) -> Any:
        return np.asarray(value, np.float64)

    def complex(self, real: Any, imaginary: Any) -> Any:
        return (real + 1j * imaginary).astype(np.complex64)

    def take(self, x: Any, index: Any) -> Any:
        # Two thirds of the time of x[..., index].
        return np.take(x, index, axis=-1) if index.ndim == 1 else super().take(x, index)

    def matmul(self, x: Any, matrix: Any, limits: Any = None) -> Any:
        # A BLAS sums in an order that depends on the number of rows, so a frame would change with its
        # neighbors. This order is fixed.
        rows = x.reshape(-1, x.shape[-1])
        result = np.empty((len(rows), matrix.shape[1]))
        for first in range(0, len(rows), _ROWS):
            block = rows[first : first + _ROWS]
            for column in range(matrix.shape[1]):
                low, high = (0, len(matrix)) if limits is None else limits[column]
                product = block[:, low:high] * matrix[low:high, column]
                result[first : first + _ROWS, column] = product.sum(axis=-1)
        return result.reshape(*x.shape[:-1], matrix.shape[1])

    def smooth(self, x: Any, smoothing: float, initial: Any) -> Any:
        y = np.empty_like(x)
        state = x[..., 0, :] if isinstance(initial, str) and x.shape[-2] else initial
        for frame in range(x.shape[-2]):
            state = (1 - smoothing) * state + smoothing * x[..., frame, :]
            y[..., frame, :] = state
        return y
