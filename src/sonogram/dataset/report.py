"""Which files could not be read, and why: counted, named, never passed over in silence."""

from __future__ import annotations

import logging
import threading
from typing import NamedTuple

__all__ = ["Broken", "Report"]

_LOG = logging.getLogger("sonogram.dataset")


class Broken(NamedTuple):
    """A file that could not be read."""

    path: str
    """The file."""
    reason: str
    """What is wrong and how to mend it, in one line that begins with the path."""


class Report:
    """The files that were skipped; print it to see them.

    Each one is also logged once as a warning of the logger "sonogram.dataset", which stands on stderr
    unless it is told otherwise.

    Example:
        >>> report = Report()
        >>> print(report)
        no broken file
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._broken: dict[str, Broken] = {}

    def note(self, path: str, reason: str) -> None:
        """Add a file; one that is known already is not counted again.

        Args:
            path: The file.
            reason: What is wrong with it, one line.
        """
        with self._lock:
            if path in self._broken:
                return
            self._broken[path] = Broken(path, reason)
        _LOG.warning("skipped %s", reason)

    @property
    def broken(self) -> tuple[Broken, ...]:
        """The files, sorted by path."""
        with self._lock:
            return tuple(self._broken[path] for path in sorted(self._broken))

    def __len__(self) -> int:
        return len(self._broken)

    def __bool__(self) -> bool:
        """Whether a file was broken."""
        return len(self) > 0

    def __str__(self) -> str:
        if not self:
            return "no broken file"
        lines = "\n".join(entry.reason for entry in self.broken)
        return f"{len(self)} broken {'file' if len(self) == 1 else 'files'} skipped:\n{lines}"
