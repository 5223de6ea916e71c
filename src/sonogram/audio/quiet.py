"""Silence for what the MP3 decoder inside libsndfile prints about broken files.

libmpg123 writes notes with ``fprintf(stderr, ...)`` and libsndfile offers no way to tell it not to.
Redirecting file descriptor 2 would swallow what other threads print meanwhile, so only the C
library's ``stderr`` *variable* is pointed elsewhere: Python writes to the descriptor and is not
touched. glibc documents that variable as assignable; elsewhere the notes stay.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quiet_c_stderr"]


@contextmanager
def quiet_c_stderr() -> Iterator[None]:
    """Discard what C code prints on ``stderr`` for the length of a ``with`` block.

    Blocks of several threads may overlap: the first one in silences, the last one out restores.
    """
    if _SWITCH is None:
        yield
        return
    _SWITCH.enter()
    try:
        yield
    finally:
        _SWITCH.leave()


class _Switch:
    """The C library's ``stderr`` variable, and a count of who wants it silent."""

    def __init__(self, stderr: ctypes.c_void_p, sink: int) -> None:
        self._stderr = stderr
        self._sink = sink
        self._saved: int | None = None
        self._inside = 0
        self._lock = threading.Lock()

    def enter(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._saved, self._stderr.value = self._stderr.value, self._sink
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._stderr.value = self._saved


def _find_switch() -> _Switch | None:
    """The process's one switch, or None where the C library is another."""
    if not sys.platform.startswith("linux"):
        return None
    process = ctypes.CDLL(None)
    if not hasattr(process, "gnu_get_libc_version"):
        return None
    process.fopen.restype = ctypes.c_void_p
    sink = process.fopen(b"/dev/null", b"w")  # kept for good: another thread may still hold it
    return _Switch(ctypes.c_void_p.in_dll(process, "stderr"), sink) if sink else None


# Made on import, which happens once: two switches would restore each other's silence.
_SWITCH = _find_switch()
