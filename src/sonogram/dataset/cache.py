"""What was computed from files, kept on disk: found again only for the same file and the same settings."""

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
from sonogram.files import atomic_file

__all__ = ["Cache"]

_HEADER = 512
"""Bytes before the values: one line of JSON, filled up with spaces."""
_MAPPED = 1 << 20
"""Bytes from which on an entry is mapped, not read: a window of a long recording needs no more of it."""


class Cache:
    """A folder of float32 arrays, one file for each sound file and use.

    An entry is used while its source has the size and the times of change (of content and of the
    entry in the file system, in nanoseconds) that it had when it was read, and while the settings and
    the version of this program are the same. Those times change whenever the content does, even where
    a tool sets the first one back; reading the content to hash it would cost a good part of what the
    cache saves. What is stale is made again and replaces the old file. Entries appear whole or not at
    all, so that many processes may share a folder.

    Args:
        folder: Where the entries are; it is made if it is absent.
        settings: What the values depend on besides the source, plain data for JSON.

    Raises:
        SonogramError: The folder cannot be made.
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
        """The values of a file: those kept, or new ones, which are kept.

        Args:
            path: The sound file.
            pieces: Computes the values: arrays that follow one another along their first axis.

        Returns:
            The values, read-only.

        Raises:
            SonogramError: The entry cannot be written, or what `pieces` raises.
        """
        entry = self._entry(path)
        source = _state(path)
        kept = None if source is None else _read(entry, source)
        if kept is not None:
            return kept
        self._write(entry, source, pieces())
        written = _read(entry, source)
        if written is None:  # another process replaced it in between, for a source that has changed
            return np.concatenate(list(pieces()))
        return written

    def _entry(self, path: str) -> Path:
        name = f"{self._settings}\0{os.path.abspath(path)}".encode(errors="surrogateescape")
        digest = hashlib.sha256(name).hexdigest()
        return self._folder / digest[:2] / f"{digest[2:]}.f32"

    def _write(self, entry: Path, source: Any, pieces: Iterable[NDArray[np.float32]]) -> None:
        try:
            with atomic_file(entry, sync=False) as file:  # an entry that is not whole is not used
                file.write(b" " * _HEADER)
                rows, rest = 0, (0,)
                for piece in pieces:
                    rows, rest = rows + len(piece), piece.shape[1:]
                    file.write(np.ascontiguousarray(piece, "<f4").data)
                file.seek(0)
                file.write(json.dumps({"source": source, "shape": [rows, *rest]}).encode())
        except OSError as error:
            raise SonogramError(
                f"{self._folder}: the cache cannot be written ({error.strerror}); free disk space, or name "
                "another folder"
            ) from None


def _state(path: str) -> list[int] | None:
    """Return what changes with the file; None if there is no file, which is an error when it is read."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _read(entry: Path, source: Any) -> NDArray[np.float32] | None:
    """The values of an entry; None where it is absent, stale or cut short."""
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
