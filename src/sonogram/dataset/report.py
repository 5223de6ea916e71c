"""Report of the files that could not be read, with reasons."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["BrokenFile", "DatasetReport"]

_LOG = logging.getLogger("sonogram.dataset")


class BrokenFile(NamedTuple):
    """A file that could not be read."""

    path: str
    """The file."""
    reason: str
    """Reason and remedy, one line that names the file."""


class DatasetReport:
    """Collection of unreadable files, each once; print it to see them.

    Args:
        on_broken: Called with the reason of each file; None logs a warning of the logger "sonogram.dataset",
            which goes to stderr by default.

    Example:
        >>> report = DatasetReport()
        >>> print(report)
        no broken file
    """

    def __init__(self, on_broken: Callable[[str], None] | None = None) -> None:
        self._on_broken = on_broken or (lambda reason: _LOG.warning("skipped %s", reason))
        self._lock = threading.Lock()
        self._broken: dict[str, BrokenFile] = {}

    def note(self, path: str, reason: str) -> None:
        """Add a file, unless it is known already.

        Args:
            path: The file.
            reason: Reason and remedy, one line.
        """
        reason = reason if path in reason else f"{path}: {reason}"
        with self._lock:
            if path in self._broken:
                return
            self._broken[path] = BrokenFile(path, reason)
        self._on_broken(reason)

    @property
    def broken(self) -> tuple[BrokenFile, ...]:
        """The files, sorted by path."""
        with self._lock:
            return tuple(self._broken[path] for path in sorted(self._broken))

    def __len__(self) -> int:
        return len(self._broken)

    def __bool__(self) -> bool:
        """Return whether a file was unreadable."""
        return len(self) > 0

    def __str__(self) -> str:
        if not self:
            return "no broken file"
        lines = "\n".join(entry.reason for entry in self.broken)
        return f"{len(self)} broken {'file' if len(self) == 1 else 'files'} skipped:\n{lines}"
