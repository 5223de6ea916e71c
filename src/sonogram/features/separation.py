"""Separation of a spectrogram into its harmonic and its percussive part."""

from __future__ import annotations

from typing import Any

import numpy as np

from sonogram.engines.arrays import Arrays
from sonogram.errors import SonogramError
from sonogram.features.values import (
    TINY,
    check_positive,
    drop_last,
    positive_whole,
    result,
    to_floats,
    to_power,
)

__all__ = ["hpss"]

_BLOCK = 256  # frames in one step of a median, which takes `kernel_size` times their memory


def hpss(values: Any, *, kernel_size: int = 31, power: float = 2, margin: float = 1) -> tuple[Any, Any]:
    """Return the harmonic and the percussive part of magnitudes: lines along time, and along frequency.

    Each value is compared with the median over time and the median over frequency around it.

    Args:
        values: Magnitudes or powers, `(..., frames, bins)`, with a known number of both.
        kernel_size: Number of frames, and of bins, over which medians are taken; odd. Beyond the edges the
            values are mirrored.
        power: Exponent of the medians in the soft masks; the higher, the harder the masks.
        margin: How many times larger one median must be, at least 1. Above 1 the parts do not sum to the
            whole: what is neither remains.

    Returns:
        Two arrays float32 of the shape of `values`; with margin 1 their sum is `values`.

    Raises:
        SonogramError: An argument is out of range, or the number of frames is not known.

    Example:
        >>> magnitudes = sg.Frontend(22050, 1024, 512)(np.ones(22050))
        >>> harmonic, percussive = sg.features.hpss(magnitudes)
        >>> bool(np.allclose(harmonic + percussive, magnitudes))
        True

    Source:
        D. FitzGerald, "Harmonic/percussive separation using median filtering", DAFx 2010; J. Driedger,
        M. Mueller and S. Disch, "Extending harmonic-percussive separation of audio signals", ISMIR 2014.
    """
    kernel_size = positive_whole("kernel_size", kernel_size)
    check_positive("power", power)
    check_positive("margin", margin)
    if margin < 1 or kernel_size % 2 == 0:
        raise SonogramError(f"margin must be at least 1 and kernel_size odd; got {margin} and {kernel_size}")
    xp, values = to_floats(values)
    if values.shape[-2] is None or values.shape[-1] is None:
        raise SonogramError("hpss needs a known number of frames and bins; call set_shape first")
    harmonic = _median(xp, values, kernel_size, -2)
    percussive = _median(xp, values, kernel_size, -1)
    split = 0.5 if margin == 1 else 0.0
    return (
        result(xp, values * _soft_mask(xp, harmonic, percussive * margin, power, split)),
        result(xp, values * _soft_mask(xp, percussive, harmonic * margin, power, split)),
    )


def _median(xp: Arrays, values: Any, size: int, axis: int) -> Any:
    """Return the running median over `size` neighbors on an axis, with mirrored edges."""
    frames, half = values.shape[-2], size // 2
    if not values.shape[axis] or not frames:
        return values
    mirrored = np.pad(np.arange(values.shape[axis]), half, mode="symmetric")
    blocks = []
    for first in range(0, frames, _BLOCK):
        rows = np.arange(first, min(first + _BLOCK, frames))
        block = values if axis == -2 else xp.pick(values, rows, -2)
        at = rows if axis == -2 else np.arange(values.shape[-1])
        neighbors = [xp.expand(xp.pick(block, mirrored[at + shift], axis), -1) for shift in range(size)]
        blocks.append(drop_last(xp, xp.crop(xp.sort(xp.concatenate(neighbors, -1)), half, 1, -1)))
    return blocks[0] if len(blocks) == 1 else xp.concatenate(blocks, -2)


def _soft_mask(xp: Arrays, wanted: Any, other: Any, power: float, split: float) -> Any:
    """Return `wanted^power / (wanted^power + other^power)`; `split` where both are 0."""
    largest = xp.maximum(wanted, other)
    silent = largest < TINY
    scale = xp.where(silent, xp.ones_like(largest), largest)
    a, b = (to_power(xp, each / scale, power) for each in (wanted, other))
    return xp.where(silent, xp.zeros_like(a) + split, a / xp.where(silent, xp.ones_like(a), a + b))
