"""The error of an invalid argument of `sonogram.show`, and of the options that group them."""

from __future__ import annotations

from sonogram.errors import SonogramError

__all__ = ["ArgumentError"]


class ArgumentError(SonogramError):
    """An argument is invalid.

    Args:
        message: What is wrong, and how to fix it.
        argument: Name of the argument.
    """

    def __init__(self, message: str, argument: str) -> None:
        super().__init__(message)
        self.argument = argument
