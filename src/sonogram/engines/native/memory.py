"""Memory for large results, kept for the next call.

The system hands out memory cleared, page by page. The C library keeps what is freed for that reason, up to
32 MB; a spectrogram of some minutes is larger, and clearing its pages took a tenth of the time of making it,
and more with several threads.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["empty"]

_LEAST, _MOST = 32 << 20, 64 << 20
"""Bytes of a result that is kept: one at most."""
_kept: list[NDArray[np.float32]] = []


class _Lent:
    """Shows memory to NumPy, and takes it back with the last array that shows it."""

    def __init__(self, memory: NDArray[np.float32]) -> None:
        self._memory = memory
        self.__array_interface__ = memory.__array_interface__

    def __del__(self, kept: list[NDArray[np.float32]] = _kept) -> None:
        kept[:] = [self._memory]


def empty(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return an array of this shape with anything in it."""
    count = math.prod(shape)
    if not _LEAST < 4 * count <= _MOST:
        return np.empty(shape, np.float32)
    try:
        memory = _kept.pop()
    except IndexError:
        memory = np.empty(count, np.float32)
    if memory.size < count:
        memory = np.empty(count, np.float32)
    return np.asarray(_Lent(memory))[:count].reshape(shape)
