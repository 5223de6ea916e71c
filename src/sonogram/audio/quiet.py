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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["Switch", "hand_over", "quiet_c_stderr"]


class Switch(Protocol):
    """What silences C code, and ends that. Calls of several threads may overlap."""

    def enter(self) -> None:
        """Silence from here on."""

    def leave(self) -> None:
        """What `enter` began ends."""


@contextmanager
def quiet_c_stderr() -> Iterator[None]:
    """Discard what C code prints on ``stderr`` for the length of a ``with`` block.

    Blocks of several threads may overlap: the first one in silences, the last one out restores.
    """
    switch = _switch
    if switch is None:
        yield
        return
    switch.enter()
    try:
        yield
    finally:
        switch.leave()


def hand_over(switch: Switch) -> None:
    """Let another switch do the work from now on: one that C code uses too.

    Two switches would restore each other's silence, so this waits until nobody is in.
    """
    global _switch  # noqa: PLW0603 - there is one in a process
    own = _switch
    if not isinstance(own, _Switch):
        return
    while not own.close():
        time.sleep(0.001)
    _switch = switch


class _Switch:
    """The C library's ``stderr`` variable, and a count of who wants it silent."""

    def __init__(self, stderr: ctypes.c_void_p, sink: int) -> None:
        self._stderr = stderr
        self._sink = sink
        self._saved: int | None = None
        self._inside = 0
        self._lock = threading.Lock()
        self._closed = False

    def enter(self) -> None:
        with self._lock:
            if self._closed:
                return
            if self._inside == 0:
                self._saved, self._stderr.value = self._stderr.value, self._sink
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._inside -= 1
            if self._inside == 0:
                self._stderr.value = self._saved

    def close(self) -> bool:
        """Do nothing any more; False where somebody is in."""
        with self._lock:
            self._closed = self._inside == 0
            return self._closed


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
_switch: Switch | None = _find_switch()
