"""Cache on disk for values computed from files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram import __version__
from sonogram.errors import SonogramError
from sonogram.files import atomic_file, cannot_write

__all__ = ["Cache"]

_HEADER = 512
"""Size of the header, bytes: one line of JSON, padded with spaces."""
_MAPPED = 1 << 20
"""Size from which an entry is memory-mapped, bytes: a window of a long recording then reads only its part."""


class Cache:
    """A folder of float32 arrays, one file for each sound file and use.

    An entry is valid while the size, modification time and status change time of its source are the same
    (in nanoseconds), and the settings and the version of sonogram too. The status change time also changes
    if a tool resets the modification time. A hash of the content would cost much of the time that the cache
    saves. A stale entry is computed again and replaced. Entries are written atomically, so that many
    processes may share a folder.

    Args:
        folder: Folder of the entries; created if it does not exist.
        settings: Everything besides the source that the values depend on, as plain data for JSON.

    Raises:
        SonogramError: The folder cannot be created.
    """

    def __init__(self, folder: str | os.PathLike[str], settings: Any) -> None:
        self._folder = Path(folder)
        text = json.dumps([__version__, settings], sort_keys=True, allow_nan=False)
        self._settings = hashlib.sha256(text.encode()).hexdigest()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SonogramError(
                f"{folder}: the cache cannot be made there ({error.strerror}); "
                "name a folder that can be written"
            ) from None

    def array(self, path: str, pieces: Callable[[], Iterable[NDArray[np.float32]]]) -> NDArray[np.float32]:
        """Return the values of a file from the cache; compute and store them if there is no valid entry.

        Args:
            path: Sound file.
            pieces: Function that computes the values, as arrays to concatenate along the first axis.

        Returns:
            Values, read-only.

        Raises:
            SonogramError: The entry cannot be written, or what `pieces` raises.
        """
        entry = self._entry(path)
        source = _state(path)
        cached = None if source is None else _read(entry, source)
        if cached is not None:
            return cached
        self._write(entry, source, pieces())
        written = _read(entry, source)
        if written is None:  # the source changed meanwhile, and another process replaced the entry
            return np.concatenate(list(pieces()))
        return written

    def _entry(self, path: str) -> Path:
        name = f"{self._settings}\0{os.path.abspath(path)}".encode(errors="surrogateescape")
        digest = hashlib.sha256(name).hexdigest()
        return self._folder / digest[:2] / f"{digest[2:]}.f32"

    def _write(self, entry: Path, source: Any, pieces: Iterable[NDArray[np.float32]]) -> None:
        try:
            with atomic_file(
                entry, sync=False
            ) as file:  # a partial entry is never used, so no sync is needed
                file.write(b" " * _HEADER)
                rows, rest = 0, (0,)
                for piece in pieces:
                    rows, rest = rows + len(piece), piece.shape[1:]
                    file.write(np.ascontiguousarray(piece, "<f4").data)
                file.seek(0)
                file.write(json.dumps({"source": source, "shape": [rows, *rest]}).encode())
        except OSError as error:
            raise cannot_write(self._folder, error, ", or name another folder for the cache") from None


def _state(path: str) -> list[int] | None:
    """Return size and times of a file, which change with its content; None if there is no file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _read(entry: Path, source: Any) -> NDArray[np.float32] | None:
    """Return the values of an entry; None if it is absent, stale or truncated."""
    try:
        with open(entry, "rb") as file:
            header = json.loads(file.read(_HEADER))
            shape = tuple(header["shape"])
            size = 4 * int(np.prod(shape))
            if header["source"] != source or os.fstat(file.fileno()).st_size != _HEADER + size:
                return None
            if size >= _MAPPED:
                return np.memmap(file, "<f4", "r", _HEADER, shape)
            return np.frombuffer(file.read(size), "<f4").reshape(shape)
    except (OSError, ValueError, KeyError, TypeError):
        return None
