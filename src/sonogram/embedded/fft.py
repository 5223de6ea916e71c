"""The transform as constants: radices, the order of the input, and the roots of unity of each pass.

Decimation in time: the input is permuted, then passes of growing span combine `radix` transforms in place.
Source: C. Temperton, "Self-sorting mixed-radix fast Fourier transforms", J. Comput. Phys. 52 (1983).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["input_order", "radices", "real_roots", "roots", "roots_of_unity"]

Floats = NDArray[np.float64]


def radices(points: int) -> list[int]:
    """Return the factors of a number of points in the order of the passes: 4 first, then primes."""
    found = []
    for radix in (4, 2, 3, 5):
        while points % radix == 0:
            found.append(radix)
            points //= radix
    factor = 7
    while points > 1:
        while points % factor == 0:
            found.append(factor)
            points //= factor
        # A remaining number without a factor up to its root is a prime.
        factor = factor + 2 if factor * factor <= points else points
    return found


def input_order(points: int) -> NDArray[np.int64]:
    """Return the place of each input, `(points,)`: the digits of its index, reversed."""
    index, place, size = np.arange(points), np.zeros(points, np.int64), points
    for radix in reversed(radices(points)):
        size //= radix
        place += index % radix * size
        index //= radix
    return place


def roots(points: int) -> Floats:
    """Return the factors of all passes one after the other, `(n, 2)`: cosine and negative sine."""
    parts, span = [np.zeros((0, 2))], 1
    for radix in radices(points):
        turns = np.arange(span)[:, None] * np.arange(1, radix) / (span * radix)
        parts.append(_unit(turns.ravel()))
        span *= radix
    return np.concatenate(parts)


def real_roots(points: int) -> Floats:
    """Return the factors that separate the bins 1 up to `points / 2` of `2 points` real samples."""
    return _unit(np.arange(1, (points + 1) // 2) / (2 * points))


def roots_of_unity(count: int) -> Floats:
    """Return `(count, 2)`: cosine and negative sine of each part of a turn."""
    return _unit(np.arange(count) / count)


def _unit(turns: Floats) -> Floats:
    return np.stack([np.cos(2 * np.pi * turns), -np.sin(2 * np.pi * turns)], axis=-1)
