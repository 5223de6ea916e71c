"""Errors that the input causes: one line each, which the command line prints without a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["AudioError", "DefinitionError", "SonogramError", "require_import"]


class SonogramError(ValueError):
    """Base of the errors that the input causes, not a mistake in the program."""


class AudioError(SonogramError):
    """A sound that cannot be read or written: the message names the file and the reason."""


class DefinitionError(SonogramError):
    """An invalid definition: the message names the field, what it got and what to use."""


@contextmanager
def require_import(what: str, remedy: str) -> Iterator[None]:
    """Turn a failed import in the `with` block into one line: what needs it, why it failed, the remedy."""
    try:
        yield
    # Keras raises a ValueError for the name of a backend that it does not have.
    except (ImportError, ValueError) as error:
        raise SonogramError(f"{what} ({error}): {remedy}") from error
