"""Numbers and tables as C: every float literal is read back as the same float32."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sonogram.errors import SonogramError

__all__ = ["number", "table"]

_WIDTH = 104


def number(value: float) -> str:
    """Return a float32 as the shortest C literal that is read back as the same number.

    Example:
        >>> number(0.1), number(1e-10), number(2)
        ('0.1f', '1e-10f', '2.0f')
    """
    with np.errstate(over="ignore"):
        rounded = np.float32(value)
    if not np.isfinite(rounded) or (value and not rounded):
        raise SonogramError(
            f"{value!r} is outside the range of float32, in which a device computes; take another value"
        )
    return f"{rounded!s}f"


def table(kind: str, name: str, values: ArrayLike) -> str:
    """Return the definition of a constant table of type `kind`, such as "float" or "uint16_t"."""
    flat = np.asarray(values).ravel()
    words = [number(value) if kind == "float" else str(int(value)) for value in flat]
    lines, line = [], "   "
    for word in words:
        if len(line) + len(word) + 2 > _WIDTH:
            lines.append(line)
            line = "   "
        line += f" {word},"
    body = "\n".join([*lines, line]).rstrip(",")
    return f"static const {kind} {name}[{len(flat)}] = {{\n{body}\n}};"
