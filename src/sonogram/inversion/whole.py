"""Whole numbers as arguments."""

from __future__ import annotations

import operator
from contextlib import suppress
from numbers import Real
from typing import Any

from sonogram.errors import SonogramError

__all__ = ["whole"]


def whole(name: str, value: Any) -> int:
    """Return a whole number of at least 0 as `int`; 4000.0 is one.

    Raises:
        SonogramError: It is another value.
    """
    with suppress(TypeError, ValueError, OverflowError):
        number = operator.index(value.__trunc__() if isinstance(value, Real) else value)
        if number >= 0 and number == value:
            return number
    raise SonogramError(f"{name} must be a whole number of at least 0; got {value!r:.80}")
