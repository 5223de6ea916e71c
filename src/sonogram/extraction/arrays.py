"""Arrays on the disk: `.npy` files that grow by rows and take their places together."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np

from sonogram.extraction.record import Row
from sonogram.files.atomic import temporary_path

__all__ = ["ArrayFile", "ArrayFiles"]

_HEADER = 128
_HELD = 1 << 24  # bytes written before they are synced


class ArrayFile:
    """An `.npy` file that grows by rows: its header is written when their number is known.

    Args:
        file: A file opened for writing, without a buffer.
        columns: Values of one row.
        dtype: "float32" or "float16".
    """

    def __init__(self, file: BinaryIO, columns: int, dtype: str) -> None:
        self._file = file
        self._columns = columns
        self._dtype = np.dtype(dtype).newbyteorder("<")
        self.rows = 0
        """Rows so far."""
        file.seek(_HEADER)

    def append(self, rows: Any) -> None:
        """Add `(rows, columns)`."""
        array = np.ascontiguousarray(rows, self._dtype)
        if array.size:
            self._write(array.data.cast("B"))
        self.rows += len(array)

    def finish(self) -> None:
        """Write the header."""
        described = repr(
            {"descr": self._dtype.str, "fortran_order": False, "shape": (self.rows, self._columns)}
        )
        magic = b"\x93NUMPY\x01\x00" + (_HEADER - 10).to_bytes(2, "little")
        self._file.seek(0)
        self._write(memoryview(magic + described.ljust(_HEADER - 11).encode() + b"\n"))

    def _write(self, data: memoryview) -> None:
        while data:
            data = data[self._file.write(data) :]  # a disk may take less than it is given


class ArrayFiles:
    """Outputs that are written one by one, then synced together and put in their places.

    A file is in its place only when it is whole and on the disk. A sync makes the disk wait; the files
    of a task wait once and not one after the other.

    Args:
        folder: Where they go.
        rows: Takes the row of each output that is in its place.
    """

    def __init__(self, folder: str, rows: list[Row]) -> None:
        self._folder = folder
        self._rows = rows
        self._whole: list[tuple[BinaryIO, str, Row]] = []
        self._bytes = 0
        self._begun = 0
        self._names = temporary_path(Path(folder, "array"))  # one for all: random names take their time

    @contextmanager
    def growing(self) -> Iterator[BinaryIO]:
        """Yield a file to write to; gone when the block fails, kept for `add` when it ends."""
        self._begun += 1
        name = os.path.join(self._folder, f".{self._begun}{self._names.name}")
        file: Any = open(name, "wb", buffering=0)  # noqa: SIM115 - it is closed when it has its place
        try:
            yield file
        except BaseException:
            file.close()
            os.unlink(name)
            raise

    def add(self, file: BinaryIO, row: Row) -> None:
        """Take a file that is whole; its place is that of its row."""
        self._whole.append((file, os.path.join(self._folder, row.shard), row))
        self._bytes += file.seek(0, os.SEEK_END)
        if self._bytes > _HELD:
            self.settle()

    def settle(self) -> None:
        """Put what is whole in its place.

        Raises:
            OSError: The disk refuses; what came before is in its place.
        """
        waiting, self._whole, self._bytes = self._whole, [], 0
        for file, _, _ in waiting:
            _start_writing(file.fileno())
        error: OSError | None = None
        for file, place, row in waiting:
            try:
                with file:
                    os.fsync(file.fileno())
                _replace(file.name, place)
                self._rows.append(row)
            except OSError as refused:
                error = error or refused
                with suppress(OSError):
                    os.unlink(file.name)
        if error is not None:
            raise error

    def __enter__(self) -> ArrayFiles:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, where: TracebackType | None) -> None:
        self.settle()


def _replace(source: str, target: str) -> None:
    try:
        os.replace(source, target)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.replace(source, target)


def _start_writing(number: int) -> None:
    """Let the system begin to write a file, so that the first sync finds room for all of them."""
    function = _sync_file_range()
    if function is not None:
        function(number, 0, 0, 2)  # SYNC_FILE_RANGE_WRITE; that it fails changes nothing


@cache
def _sync_file_range() -> Any:
    """Linux has it, and Python no name for it."""
    if sys.platform != "linux":
        return None
    function = getattr(ctypes.CDLL(None), "sync_file_range", None)
    if function is not None:
        function.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return function
