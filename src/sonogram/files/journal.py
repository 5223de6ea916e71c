"""The results of a run that is not finished, on disk: what another run need not do again."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from sonogram.errors import SonogramError

__all__ = ["ResultJournal"]

_SYNC_SECONDS = 1.0
"""How much work a power failure may cost; a killed program costs none."""


class ResultJournal:
    """Results for files as lines of JSON, appended as they come.

    The first line holds the settings; a run with others must not continue it. A last line that is not
    complete does not count. A result counts as long as its file has the size and the time of the last change
    that it had.

    Args:
        path: The file, which is made if it is missing.
        settings: All that the results depend on besides the files, as plain data.

    Raises:
        SonogramError: The file belongs to a run with other settings, or cannot be written.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        self.path = path
        self._places: dict[str, tuple[int, int, int]] = {}  # offset, size and time of change of the file
        self._synced = 0.0
        # Without a buffer: what a full disk did not take must not be written later.
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115 - closed by `close`
        self._reading: BinaryIO = open(path, "rb")  # noqa: SIM115
        try:
            end = self._read(json.loads(json.dumps(settings)))
        except BaseException:
            self._file.close()
            self._reading.close()
            raise
        self._file.truncate(end)
        if end == 0:
            self._write({"settings": settings})

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, path: str) -> bool:
        """Return whether the journal has the result for a file, unchanged since."""
        place = self._places.get(path)
        return place is not None and place[1:] == _state(path)

    def add(self, entry: Mapping[str, Any]) -> None:
        """Append the result for a file, plain data with its `path`.

        Raises:
            OSError: The disk is full. The journal keeps what it has.
        """
        offset, state = self._file.seek(0, os.SEEK_END), _state(str(entry["path"]))
        self._write({"state": state, **entry})
        self._places[str(entry["path"])] = (offset, *state)

    def __getitem__(self, path: str) -> dict[str, Any]:
        self._reading.seek(self._places[path][0])
        entry: dict[str, Any] = json.loads(self._reading.readline())
        del entry["state"]
        return entry

    def close(self) -> None:
        """Close the file, which stays if it holds a result."""
        self._file.close()
        self._reading.close()
        if not self._places:
            self.path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete the file."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _read(self, settings: Any) -> int:
        """Read the complete lines and return where they end."""
        end, found = 0, None
        for line in self._reading:
            try:
                entry = json.loads(line)
            except ValueError:
                break
            if not line.endswith(b"\n"):
                break
            if found is None:
                found = entry.get("settings")
            else:
                self._places[entry["path"]] = (end, *entry["state"])
            end += len(line)
        if found == settings:
            return end
        if self._places or (found is None and os.path.getsize(self.path)):
            raise SonogramError(
                f"{self.path}: holds results of another model or with other options; give those again, or "
                "remove it"
            )
        return 0

    def _write(self, entry: Mapping[str, Any]) -> None:
        rest = memoryview(json.dumps(entry, separators=(",", ":"), allow_nan=False).encode() + b"\n")
        while rest:
            rest = rest[self._file.write(rest) :]
        now = time.monotonic()
        if now - self._synced > _SYNC_SECONDS:
            os.fsync(self._file.fileno())
            self._synced = now


def _state(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return 0, 0
    return found.st_size, found.st_mtime_ns
