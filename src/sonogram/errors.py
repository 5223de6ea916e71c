"""What goes wrong for a user's reason: one line each, shown without a traceback by the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["AudioError", "DefinitionError", "SonogramError", "needing"]


class SonogramError(ValueError):
    """Base of every error that the input, not the program, is to blame for."""


class AudioError(SonogramError):
    """A sound could not be read or written: the message names the file and the reason."""


class DefinitionError(SonogramError):
    """A definition cannot be what it says: the message names the field and the mend."""


@contextmanager
def needing(what: str, mend: str) -> Iterator[None]:
    """Turn an import that fails within into one line: what needs it, why it failed, and how to mend it."""
    try:
        yield
    except (
        ImportError,
        ValueError,
    ) as error:  # Keras raises a ValueError for a backend that it does not know
        raise SonogramError(f"{what} ({error}): {mend}") from error
