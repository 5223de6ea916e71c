"""`.npy` files that grow by rows, and are synced and renamed in groups."""

from __future__ import annotations

import ctypes
import io
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np

from sonogram.extraction.precision import to_stored
from sonogram.extraction.record import Row
from sonogram.files.atomic import temporary_path

__all__ = ["ArrayFile", "ArrayFiles", "array_bytes"]

_MAX_UNSYNCED = 1 << 24
"""Bytes that are written before they are synced."""


class ArrayFile:
    """An `.npy` file that grows by rows.

    Args:
        file: A file opened for writing, without a buffer.
        shape: Shape of the features of one frame, `(bands,)` or `(bands, channels)`.
        dtype: "float32" or "float16".
    """

    def __init__(self, file: BinaryIO, shape: tuple[int, ...], dtype: str) -> None:
        self._file = file
        self._shape = shape
        self._dtype = np.dtype(dtype).newbyteorder("<")
        self.rows = 0
        """Number of rows so far."""
        self._write_header()

    def append(self, rows: Any) -> None:
        """Add `(rows, *shape)`."""
        array = to_stored(rows, self._dtype.name)
        if array.size:
            self._write(array.data.cast("B"))
        self.rows += len(array)

    def finish(self) -> None:
        """Write the final number of rows into the header, for which NumPy leaves space."""
        self._file.seek(0)
        self._write_header()

    def _write_header(self) -> None:
        self._write(memoryview(_header(self._dtype.str, (self.rows, *self._shape))))

    def _write(self, data: memoryview) -> None:
        while data:
            data = data[self._file.write(data) :]  # a disk may write less than it is given


def array_bytes(frames: int, shape: tuple[int, ...], dtype: str) -> int:
    """Return the size of an `.npy` file of so many frames, as `ArrayFile` writes it.

    Example:
        >>> array_bytes(100, (80,), "float32")
        32128
    """
    stored = np.dtype(dtype).newbyteorder("<")
    return len(_header(stored.str, (frames, *shape))) + frames * math.prod(shape) * stored.itemsize


class ArrayFiles:
    """Outputs that are written one by one, then synced and renamed together.

    A file gets its name only when all of it is on the disk. A sync waits for the disk: the files of a
    task wait once, not one after the other.

    Args:
        folder: Where the outputs go.
        rows: Receives the row of each output that has its name.
    """

    def __init__(self, folder: str, rows: list[Row]) -> None:
        self._folder = folder
        self._rows = rows
        self._written: list[tuple[BinaryIO, Row]] = []
        self._bytes = 0
        self._count = 0
        self._name = temporary_path(Path(folder, "array")).name  # one for all: random names take time

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Yield a file to write to; it is deleted when the block fails, and waits for `add` when it ends."""
        self._count += 1
        name = os.path.join(self._folder, f".{self._count}{self._name}")
        file: Any = open(name, "wb", buffering=0)  # noqa: SIM115 - `flush` closes it
        try:
            yield file
        except BaseException:
            file.close()
            os.unlink(name)
            raise

    def add(self, file: BinaryIO, row: Row) -> None:
        """Take a complete file; its name is that in its row."""
        self._written.append((file, row))
        self._bytes += file.seek(0, os.SEEK_END)
        if self._bytes > _MAX_UNSYNCED:
            self.flush()

    def flush(self) -> None:
        """Sync and rename the complete files.

        Raises:
            OSError: The disk refuses one of them; all others have their names.
        """
        written, self._written, self._bytes = self._written, [], 0
        for file, _ in written:
            _start_writing(file.fileno())
        error: OSError | None = None
        for file, row in written:
            try:
                with file:
                    os.fsync(file.fileno())
                _replace(file.name, os.path.join(self._folder, row.shard))
                self._rows.append(row)
            except OSError as refusal:
                error = error or refusal
                with suppress(OSError):
                    os.unlink(file.name)
        if error is not None:
            raise error

    def __enter__(self) -> ArrayFiles:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, where: TracebackType | None) -> None:
        self.flush()


def _replace(source: str, target: str) -> None:
    try:
        os.replace(source, target)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.replace(source, target)


def _start_writing(number: int) -> None:
    """Start writing a file to the disk, so that the first sync waits for all files at once."""
    function = _sync_file_range()
    if function is not None:
        function(number, 0, 0, 2)  # SYNC_FILE_RANGE_WRITE; a failure changes nothing


@lru_cache(256)
def _header(dtype: str, shape: tuple[int, ...]) -> bytes:
    """Return the header of an `.npy` file; kept, since many clips of one length are common."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": dtype, "fortran_order": False, "shape": shape})
    return header.getvalue()


@cache
def _sync_file_range() -> Any:
    """Return a function of Linux that Python does not wrap; None on other systems."""
    if sys.platform != "linux":
        return None
    function = getattr(ctypes.CDLL(None), "sync_file_range", None)
    if function is not None:
        function.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return function
