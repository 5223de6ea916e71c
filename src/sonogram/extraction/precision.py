"""The precision of stored features."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["to_stored"]


def to_stored(features: Any, dtype: str) -> NDArray[Any]:
    """Return features, rounded to the nearest value of `dtype`, little-endian.

    Args:
        features: float32.
        dtype: "float32", "float16" or "bfloat16". NumPy has no bfloat16: the result holds its bits, `uint16`.

    Raises:
        OverflowError: A value is too large for float16.
    """
    if dtype == "bfloat16":
        # The upper half of a float32: 1 is added to it if the lower half is above, or in a tie if it is odd.
        bits = np.ascontiguousarray(features, "<f4").view("<u4")
        upper = (bits + (0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2")
        return np.where(np.isnan(features), np.uint16(0x7FC0), upper)
    with np.errstate(over="ignore"):
        stored = np.ascontiguousarray(features, np.dtype(dtype).newbyteorder("<"))
    if dtype == "float16" and (np.isinf(stored) & np.isfinite(features)).any():
        largest = float(np.abs(features).max())
        raise OverflowError(f"features reach {largest:.3g} and float16 ends at 65504; store them in float32")
    return stored
