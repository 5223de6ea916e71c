"""`Spool`: rows that are appended once and read anywhere, in memory at first and then in a private file."""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["Spool"]

_MAX_MEMORY = 1 << 20
"""Bytes kept in memory: more of them move to a file, so that memory does not grow with a recording."""


class Spool:
    """An array that grows at its end. One thread appends, any number of threads read.

    The file has no name, so it is gone with the process, however that ends.

    Args:
        width: Values in one row; None for rows that are single numbers.
        dtype: Type of the values.
    """

    def __init__(self, width: int | None, dtype: DTypeLike) -> None:
        self._shape = () if width is None else (width,)
        self._dtype = np.dtype(dtype)
        self._row_bytes = self._dtype.itemsize * (1 if width is None else width)
        self._memory: bytearray | None = bytearray()
        self._file: Any = None
        self._lock = threading.Lock()
        self._length, self._closed = 0, False

    def __len__(self) -> int:
        return self._length

    def append(self, rows: NDArray[Any]) -> None:
        """Add rows, `(rows, width)` or `(rows,)`.

        Raises:
            OSError: The disk is full.
        """
        if not len(rows):
            return
        content = np.ascontiguousarray(rows, self._dtype).data.cast("B")
        with self._lock:
            if self._closed:
                return
            if self._memory is not None and len(self._memory) + len(content) > _MAX_MEMORY:
                self._move_to_file(self._memory)
            if self._memory is not None:
                self._memory += content
            else:
                self._write(content)
            self._length += len(rows)

    def _move_to_file(self, memory: bytearray) -> None:
        self._file = tempfile.TemporaryFile(prefix="sonogram-", buffering=0)  # noqa: SIM115 - see finalize
        weakref.finalize(self, self._file.close)
        self._write(memoryview(memory))
        self._memory = None

    def _write(self, content: memoryview) -> None:
        while content:
            content = content[self._file.write(content) :]

    def read(self, first: int, stop: int) -> NDArray[Any]:
        """Return the rows from `first` to `stop`, or as many as there are."""
        with self._lock:
            first, stop = max(first, 0), min(stop, self._length)
            rows = np.empty((max(stop - first, 0), *self._shape), self._dtype)
            if not rows.size:
                return rows
            target = rows.reshape(-1).view(np.uint8).data
            offset = first * self._row_bytes
            if self._memory is not None:
                target[:] = self._memory[offset : offset + len(target)]
                return rows
            while target:
                count = os.preadv(self._file.fileno(), [target], offset)
                target, offset = target[count:], offset + count
        return rows

    def close(self) -> None:
        """Release memory and file."""
        with self._lock:
            self._closed, self._length, self._memory = True, 0, bytearray()
            if self._file is not None:
                self._file.close()
