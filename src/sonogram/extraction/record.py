"""The result for each input: rows of the final index, and of the journal of a running extraction."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sonogram.errors import SonogramError
from sonogram.files import atomic_file

__all__ = ["INDEX", "Journal", "Row", "find_row", "read_index", "write_index"]

INDEX = "index.csv"
"""Name of the table of a finished extraction, in its folder."""


@dataclass(frozen=True)
class Row:
    """One input and its result."""

    path: str
    """Path of the input, relative to the output folder."""
    label: str = ""
    """Label from a manifest."""
    status: str = "done"
    """`done` or `failed`."""
    frames: int = 0
    """Number of frames of its features."""
    shard: str = ""
    """File with its features, relative to the folder."""
    offset: int = 0
    """Index of its record in that file."""
    duration: float = 0.0
    """Length of the sound in seconds."""
    error: str = ""
    """Reason of the failure, one line."""
    hash: str = ""
    """XXH3 of the input's content, 128 bits."""
    bytes: int = 0
    """Size of the input."""
    modified: int = 0
    """Time of the input's last change in nanoseconds."""
    fingerprint: str = ""
    """Fingerprint of the definition."""
    engine: str = ""
    """Engine that computed the features."""
    instruction_set: str = ""
    """Instruction set that it used."""
    version: str = ""
    """Version of sonogram."""


_ROW_BYTES = 600
"""Bytes reserved for a row in the journal besides its path; enough for most errors."""
_TYPES = {field.name: {"int": int, "float": float}.get(str(field.type), str) for field in fields(Row)}


class Journal:
    """The rows of a running extraction, appended as they come. A truncated last line does not count."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = None
        self._end = 0

    def read(self) -> list[Row]:
        """Return the complete rows."""
        try:
            lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        rows = []
        for line in lines[:-1]:  # what follows the last line end is truncated
            try:
                rows.append(Row(**json.loads(line)))
            except (ValueError, TypeError):
                continue
        return rows

    def start(self, rows: Iterable[Row], paths: Iterable[str] = ()) -> None:
        """Replace the journal by the rows that are still valid.

        Args:
            rows: The valid rows.
            paths: The inputs to come. Disk space for their rows is reserved now, so that results can
                be recorded when the disk is full.

        Raises:
            OSError: There is not enough space.
        """
        with atomic_file(self._path) as file:
            file.writelines(map(_line, rows))
        self._file = self._path.open("r+b", buffering=0)
        self._end = self._file.seek(0, os.SEEK_END)
        space = sum(_ROW_BYTES + 2 * len(json.dumps(path)) for path in paths)
        if space and hasattr(os, "posix_fallocate"):
            try:
                os.posix_fallocate(self._file.fileno(), self._end, space)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise
                # Some file systems cannot reserve space: there it is as on other systems.

    def append(self, rows: Iterable[Row]) -> None:
        """Add rows whose outputs are complete; they are on the disk when this returns."""
        data = b"".join(map(_line, rows))
        rest = memoryview(data)
        self._file.seek(self._end)  # overwrite what a failed append has left
        while rest:
            rest = rest[self._file.write(rest) :]
        os.fsync(self._file.fileno())
        self._end += len(data)

    def close(self) -> None:
        """Close the file and release the unused space; the journal stays."""
        if self._file is not None:
            with self._file:
                self._file.truncate(self._end)
            self._file = None

    def remove(self) -> None:
        """Delete the journal, which the index has replaced."""
        self.close()
        self._path.unlink(missing_ok=True)


def _line(row: Row) -> bytes:
    # File names that are not valid UTF-8 keep their bytes as escapes.
    return json.dumps(vars(row), separators=(",", ":")).encode() + b"\n"


def write_index(path: Path, rows: Iterable[Row]) -> None:
    """Write the rows as CSV, whole or not at all; file names keep the bytes that they have on the disk."""
    with atomic_file(path) as file:
        text = io.TextIOWrapper(file, "utf-8", errors="surrogateescape", newline="")
        writer = csv.DictWriter(text, list(_TYPES), lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(vars, rows))
        text.detach()


def read_index(path: Path) -> list[Row]:
    """Return the rows of a finished extraction; none where there is no index.

    Raises:
        SonogramError: The file is not the index of an extraction.
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
            f"{path}: not the index of an extraction ({error}); choose another folder"
        ) from None


def find_row(path: str, rows: Mapping[str, Row], folder: Path) -> Row:
    """Return the row of a file. The index stores the end of each path, relative to the extracted folder.

    Raises:
        SonogramError: There is none.
    """
    parts = Path(os.path.abspath(path)).parts[1:]
    for start in range(len(parts)):
        row = rows.get("/".join(parts[start:]))
        if row is not None:
            return row
    raise SonogramError(f"{path}: not in the extraction {folder}; extract this data set as a whole")
