"""Smaller weights: float16, or 8-bit integers with a scale for each channel.

Only weights are rounded, and each is converted back to float32 where it is used. The constants of a
front end stay as they are: a transform in 8 bits has more noise than quiet sounds have power.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.exporting.cases import Values

__all__ = ["QUANTIZATIONS", "assert_unchanged", "is_part_of", "is_weight", "to_int8"]

QUANTIZATIONS = ("float16", "int8")

_MIN_WEIGHTS = 256
"""Size of an array from which on rounding saves more than the added operators cost."""


def is_part_of(name: str, layers: Iterable[str]) -> bool:
    """Return whether an operator with this name belongs to one of the layers."""
    # TensorFlow numbers a second trace of the same layer.
    return any(re.search(rf"(^|[/;]){re.escape(layer)}(_\d+)?/", name) for layer in layers)


def is_weight(values: Values) -> bool:
    """Return whether a constant is worth rounding: it is large, and no bias."""
    return values.dtype == np.float32 and values.ndim >= 2 and values.size >= _MIN_WEIGHTS


def to_int8(values: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32], int]:
    """Return symmetric 8-bit weights, the scale of each channel, and the axis of the channels.

    Layers have their channels along the first or the last axis: the one with the smaller error is taken.
    """
    best, least = None, np.inf
    for axis in (0, values.ndim - 1):
        others = tuple(index for index in range(values.ndim) if index != axis)
        peak = np.abs(values).max(axis=others, keepdims=True)
        scale = (np.where(peak > 0, peak, 1) / 127).astype(np.float32)
        whole = np.clip(np.rint(values / scale), -127, 127).astype(np.int8)
        error = float(((whole * scale - values) ** 2).sum())
        if best is None or error < least:
            best, least = (whole, scale.ravel(), axis), error
    assert best is not None
    return best


def assert_unchanged(before: Sequence[Values], after: Sequence[Values], sizes: Iterable[int]) -> None:
    """Raise an error unless a front end's constants are the same before and after, bit for bit.

    Args:
        before: Its constants in the float32 file.
        after: Those in the quantized file.
        sizes: The number of values in a matrix of each of its transforms, which must be among them.

    Raises:
        SonogramError: One is missing or changed.
    """
    is_same = len(before) == len(after) and all(
        left.dtype == right.dtype and left.tobytes() == right.tobytes()
        for left, right in zip(before, after, strict=True)
    )
    found = [values.size for values in after if values.dtype == np.float32]
    if not is_same or any(size not in found for size in sizes):
        raise SonogramError(
            "the front end cannot be distinguished from the network in the file, so nothing was quantized; "
            "export with quantize=None"
        )
