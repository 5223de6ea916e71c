"""Number of threads of a call of the library."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sonogram.cores import num_cores
from sonogram.errors import SonogramError

__all__ = ["default_threads", "own_threads", "threads"]

_state = threading.local()


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let calls from this Python thread use `count` threads, for callers that run many calls at a time."""
    before = getattr(_state, "threads", None)
    _state.threads = count
    try:
        yield
    finally:
        _state.threads = before


def own_threads() -> int | None:
    """Return the number that `threads` has set for this Python thread, or None."""
    own: int | None = getattr(_state, "threads", None)
    return own


@cache
def default_threads() -> int:
    """Return the default number of threads: SONOGRAM_THREADS, read once, or the cores of this process."""
    wanted = os.environ.get("SONOGRAM_THREADS")
    if not wanted:
        return num_cores()
    if not wanted.isdigit() or int(wanted) < 1:
        raise SonogramError(f"SONOGRAM_THREADS must be a whole number of at least 1; got {wanted!r}")
    return int(wanted)
