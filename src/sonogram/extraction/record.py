"""What is known of each input: a row for the manifest, and the journal of a run that goes on."""

from __future__ import annotations

import csv
import errno
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sonogram.errors import SonogramError
from sonogram.files import atomic_file

__all__ = ["Journal", "Row", "read_manifest", "write_manifest"]


@dataclass(frozen=True)
class Row:
    """One input and what became of it."""

    path: str
    """The input, its name in the output tree."""
    label: str = ""
    """Its label, where a manifest gave one."""
    status: str = "done"
    """`done` or `failed`."""
    frames: int = 0
    """Frames of its features."""
    shard: str = ""
    """The file that holds them, relative to the folder."""
    offset: int = 0
    """Which record of that file."""
    duration: float = 0.0
    """Length of the sound, seconds."""
    error: str = ""
    """Why it failed, one line."""
    hash: str = ""
    """XXH3 of the input's content, 128 bits."""
    bytes: int = 0
    """Size of the input."""
    modified: int = 0
    """When the input was last changed, nanoseconds."""
    fingerprint: str = ""
    """That of the definition."""
    engine: str = ""
    """What computed it."""
    instruction_set: str = ""
    """What it was computed with."""
    version: str = ""
    """The version of sonogram."""


_ROOM = 600  # bytes of a row in the journal beside its path, and enough for most errors
_TYPES = {field.name: {"int": int, "float": float}.get(str(field.type), str) for field in fields(Row)}


class Journal:
    """The rows of a run, appended as they come; a line that a crash cut short does not count."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = None
        self._end = 0

    def read(self) -> list[Row]:
        """Return the rows that were written whole."""
        try:
            lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        rows = []
        for line in lines[:-1]:  # what follows the last line end was cut short
            try:
                rows.append(Row(**json.loads(line)))
            except (ValueError, TypeError):
                continue
        return rows

    def start(self, rows: Iterable[Row], paths: Iterable[str] = ()) -> None:
        """Begin anew with the rows that still hold.

        Args:
            rows: What is known already.
            paths: The inputs to come. Room for their rows is taken now, so that what is finished
                when the disk is full can still be written down.

        Raises:
            OSError: There is no room.
        """
        with atomic_file(self._path) as file:
            file.writelines(_line(row) for row in rows)
        self._file = self._path.open("r+b", buffering=0)
        self._end = self._file.seek(0, os.SEEK_END)
        room = sum(_ROOM + 2 * len(json.dumps(path)) for path in paths)
        if room and hasattr(os, "posix_fallocate"):
            try:
                os.posix_fallocate(self._file.fileno(), self._end, room)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise
                # Some file systems take no orders: there it is as it is on other systems.

    def append(self, rows: Iterable[Row]) -> None:
        """Add rows whose outputs are in place; they are on the disk when this returns."""
        lines = memoryview(b"".join(_line(row) for row in rows))
        self._file.seek(self._end)  # what an append that failed has left is written over
        while lines:
            lines = lines[self._file.write(lines) :]
        os.fsync(self._file.fileno())
        self._end = self._file.tell()

    def close(self) -> None:
        """Close the file, without the room that was not needed; the journal stays."""
        if self._file is not None:
            with self._file:
                self._file.truncate(self._end)
            self._file = None

    def remove(self) -> None:
        """Remove the journal: the manifest has taken its place."""
        self.close()
        self._path.unlink(missing_ok=True)


def _line(row: Row) -> bytes:
    # Names need not be text in UTF-8: the bytes that are not stay what they are as escapes.
    return json.dumps(vars(row), separators=(",", ":")).encode() + b"\n"


def write_manifest(path: Path, rows: Iterable[Row]) -> None:
    """Write the rows as CSV, whole or not at all; names are the bytes that the disk has them as."""
    with atomic_file(path) as raw:
        raw.writelines(_csv_lines(rows))


def _csv_lines(rows: Iterable[Row]) -> Iterator[bytes]:
    lines: list[str] = []

    class _Sink:
        def write(self, text: str) -> None:
            lines.append(text)

    writer = csv.writer(_Sink(), lineterminator="\n")
    writer.writerow([field.name for field in fields(Row)])
    for row in rows:
        writer.writerow(vars(row).values())
    yield from (line.encode(errors="surrogateescape") for line in lines)


def read_manifest(path: Path) -> list[Row]:
    """Return the rows of a finished extraction; none where there is no manifest.

    Raises:
        SonogramError: The file is no manifest of an extraction.
    """
    try:
        with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
            return [
                Row(**{name: _TYPES[name](text) for name, text in row.items()})
                for row in csv.DictReader(file)
            ]
    except FileNotFoundError:
        return []
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise SonogramError(
            f"{path}: not the manifest of an extraction ({error}); choose another folder"
        ) from None
