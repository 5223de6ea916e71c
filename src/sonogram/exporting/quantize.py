"""Smaller weights: float16, or whole numbers of 8 bits with a scale for each channel.

Only weights are rounded, and each is turned back into float32 where it is used. What a front end
multiplies with is left alone: a transform in 8 bits has more noise than quiet sounds have power.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError

__all__ = ["QUANTIZATIONS", "belongs", "is_weight", "prove", "to_int8"]

QUANTIZATIONS = ("float16", "int8")

_LEAST = 256  # a smaller array costs more in operators than it saves


def belongs(name: str, frontends: Iterable[str]) -> bool:
    """Return whether an operator of that name is part of one of the layers `frontends`."""
    # A second trace of the same layer is numbered by TensorFlow.
    return any(re.search(rf"(^|[/;]){re.escape(layer)}(_\d+)?/", name) for layer in frontends)


def is_weight(values: NDArray[np.generic]) -> bool:
    """Return whether a constant is worth rounding: large, and no bias."""
    return values.dtype == np.float32 and values.ndim >= 2 and values.size >= _LEAST


def to_int8(values: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32], int]:
    """Return symmetric 8-bit weights, the scale of each channel, and the axis of the channels.

    The channels lie along the first or the last axis, whichever loses less: every layer has its own layout.
    """
    options = [_along(values, axis) for axis in (0, values.ndim - 1)]
    errors = [float(((_back(*option) - values) ** 2).sum()) for option in options]
    return options[int(np.argmin(errors))]


def prove(
    before: Sequence[NDArray[np.generic]], after: Sequence[NDArray[np.generic]], sizes: Iterable[int]
) -> None:
    """Raise an error unless a front end's constants are the same before and after, bit for bit.

    Args:
        before: Its constants in the float32 file.
        after: Those in the quantized file.
        sizes: The number of values in each of its transforms, which must be among them.

    Raises:
        SonogramError: One is missing or changed.
    """
    same = len(before) == len(after) and all(
        left.dtype == right.dtype and left.tobytes() == right.tobytes()
        for left, right in zip(before, after, strict=True)
    )
    kept = [values.size for values in after if values.dtype == np.float32]
    if not same or any(size not in kept for size in sizes):
        raise SonogramError(
            "the front end could not be told from the network in the file, so nothing was quantized; "
            "export with quantize=None"
        )


def _along(values: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32], int]:
    others = tuple(index for index in range(values.ndim) if index != axis)
    peak = np.abs(values).max(axis=others)
    scale = (np.where(peak > 0, peak, 1) / 127).astype(np.float32)
    whole = np.clip(np.rint(values / _shaped(scale, values.ndim, axis)), -127, 127)
    return whole.astype(np.int8), scale, axis


def _back(whole: NDArray[np.int8], scale: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    return whole * _shaped(scale, whole.ndim, axis)


def _shaped(scale: NDArray[np.float32], ndim: int, axis: int) -> NDArray[np.float32]:
    return scale.reshape([-1 if index == axis else 1 for index in range(ndim)])
