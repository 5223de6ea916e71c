"""Whole numbers as arguments."""

from __future__ import annotations

import math
import operator
from numbers import Real
from typing import Any

from sonogram.errors import SonogramError

__all__ = ["whole"]


def whole(name: str, value: Any) -> int:
    """Return a whole number of at least 0 as `int`; 4000.0 is one.

    Raises:
        SonogramError: It is another value.
    """
    try:
        number = operator.index(value)
    except TypeError:
        is_whole = isinstance(value, Real) and math.isfinite(value) and value % 1 == 0
        number = int(value) if is_whole else -1
    if number < 0:
        raise SonogramError(f"{name} must be a whole number of at least 0; got {value!r:.80}")
    return number
