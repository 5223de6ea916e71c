"""How many threads a call of the library uses."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sonogram.errors import SonogramError

__all__ = ["default_threads", "own_threads", "threads"]

_state = threading.local()


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let calls of this Python thread use `count` threads: for callers that run many calls side by side."""
    before = getattr(_state, "threads", None)
    _state.threads = count
    try:
        yield
    finally:
        _state.threads = before


def own_threads() -> int | None:
    """Return what `threads` has set for this Python thread, or None."""
    own: int | None = getattr(_state, "threads", None)
    return own


@cache
def default_threads() -> int:
    """Return the threads of a call: SONOGRAM_THREADS, read once, or the number of cores."""
    wanted = os.environ.get("SONOGRAM_THREADS")
    if not wanted:
        return os.cpu_count() or 1
    if not wanted.isdigit() or int(wanted) < 1:
        raise SonogramError(f"SONOGRAM_THREADS must be a whole number of at least 1; got {wanted!r}")
    return int(wanted)
