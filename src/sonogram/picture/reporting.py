"""Recordings that cannot be drawn: reported in one line each, while the others are drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sonogram.errors import SonogramError

__all__ = ["Report", "read_or_report"]

Report = Callable[[str], None]
"""Function that is called with a line for each recording that cannot be drawn."""
Result = TypeVar("Result")


def read_or_report(name: str, read: Callable[[], Result], on_broken: Report | None) -> Result | None:
    """Return what `read` does; report an error in one line that names the recording, and return None.

    Args:
        name: Name of the recording.
        read: The function.
        on_broken: Called with the line; None raises the error.
    """
    try:
        return read()
    except SonogramError as error:
        if on_broken is None:
            raise
        on_broken(str(error) if name in str(error) else f"{name}: {error}")
    except MemoryError:
        if on_broken is None:
            raise
        on_broken(f"{name}: does not fit into memory; split it")
    return None
