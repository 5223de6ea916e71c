"""The error of an invalid argument of `sonogram.show`, and of the options that group them."""

from __future__ import annotations

from numbers import Real

from sonogram.errors import SonogramError

__all__ = ["ArgumentError", "check_numbers", "check_texts"]


class ArgumentError(SonogramError):
    """An argument is invalid.

    Args:
        message: What is wrong, and how to fix it.
        argument: Name of the argument.
    """

    def __init__(self, message: str, argument: str) -> None:
        super().__init__(message)
        self.argument = argument


def check_numbers(**arguments: object) -> None:
    """Raise an error for an argument that is neither a number nor None."""
    for name, value in arguments.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, Real)):
            raise ArgumentError(f"{name} must be a number; got {value!r:.80}", name)


def check_texts(**arguments: object) -> None:
    """Raise an error for an argument that is neither a text nor None."""
    for name, value in arguments.items():
        if value is not None and not isinstance(value, str):
            raise ArgumentError(f"{name} must be a text; got {value!r:.80}", name)
