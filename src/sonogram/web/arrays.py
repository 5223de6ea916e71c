"""Arrays in the JSON of the JavaScript package: little-endian, in base64."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["band_weights", "floats", "text"]


def text(array: NDArray[Any], dtype: str) -> str:
    """Return an array as text in base64."""
    return base64.b64encode(np.ascontiguousarray(array, dtype).tobytes()).decode("ascii")


def floats(array: NDArray[Any]) -> str:
    """Return an array in float64 as text in base64."""
    return text(array, "<f8")


def band_weights(
    matrix: NDArray[np.float64], limits: Sequence[Sequence[int]] | NDArray[Any]
) -> dict[str, str]:
    """Return the weights of each column from its first row to its last, one column after the other.

    Args:
        matrix: `(rows, columns)`.
        limits: First row and one past the last one of each column; the others are 0.
    """
    weights = [matrix[low:high, column] for column, (low, high) in enumerate(limits)]
    return {"limits": text(np.asarray(limits), "<i4"), "weights": floats(np.concatenate(weights))}
