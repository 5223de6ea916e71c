"""From features to what the eye sees: the unit of the color bar and its two ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonogram.frontend import Frontend

__all__ = ["Levels", "levels"]

Floats = NDArray[np.float32]

_LEAST_RANGE = 40.0
"""The range closes no further than this, dB: a noise floor near the peak stays dark."""
_LARGEST_RANGE = 95.0
"""Nor does it open further, dB: beyond it the eye sees the noise of 16-bit files and of codecs."""
_HEADROOM = 5.0
"""The range goes on below the noise floor, dB: what lies just there is not black yet."""
_FLOOR_PERCENTILE = 10.0
"""Of the values within the largest range, these lie below the noise floor."""
_OUTLIERS = 0.1
"""Percent of the values that may lie beyond either end where there is no decibel to go by."""


@dataclass(frozen=True, eq=False)
class Levels:
    """What the color bar says, and the pixels in its unit."""

    label: str
    """The unit."""
    low: float
    """Value of the darkest color."""
    high: float
    """Value of the brightest color."""
    images: tuple[Floats, ...]
    """The pixels in that unit; NaN where there is no frame."""
    cut: tuple[bool, bool]
    """Whether values lie below the darkest, and above the brightest color."""


def levels(images: list[Floats], frontends: list[Frontend], decibels: float | None = None) -> Levels:
    """Find one level for all the images of a picture.

    Linear features become decibels below the peak of all images. Features with a logarithm keep
    their unit, and a range chosen as for decibels. Others keep their unit, between percentiles.

    Args:
        images: Pooled features of each panel, any shape.
        frontends: The definition of each.
        decibels: Range below the peak, dB; None follows the noise floor.

    Returns:
        The level, and the images in its unit.
    """
    first = frontends[0]
    finite = np.concatenate([image[np.isfinite(image)] for image in images])
    peak = float(finite.max()) if len(finite) else 0.0
    if _is_linear(first):
        if peak <= 0:
            shown = tuple(np.where(np.isnan(image), image, -np.inf).astype(np.float32) for image in images)
            return Levels("dB (silence: no peak)", -(decibels or _LARGEST_RANGE), 0.0, shown, (True, False))
        images = [
            _decibels(image, frontend.spectrum.db_factor, peak)
            for image, frontend in zip(images, frontends, strict=True)
        ]
        finite = np.concatenate([image[~np.isnan(image)] for image in images])
        return _below(0.0, 1.0, finite, decibels, images, "dB re peak")
    per_unit = first.decibels_per_unit
    if per_unit is not None and per_unit > 0:
        return _below(peak, 1 / per_unit, finite, decibels, images, first.unit)
    low, high = (
        (float(end) for end in np.percentile(finite, [_OUTLIERS, 100 - _OUTLIERS]))
        if len(finite)
        else (0.0, 1.0)
    )
    if high <= low:
        low, high = low - 0.5, low + 0.5
    cut = (
        bool(len(finite)) and bool(finite.min() < low),
        bool(len(finite)) and bool(finite.max() > high),
    )
    return Levels(first.unit, low, high, tuple(images), cut)


def _below(
    peak: float,
    unit: float,
    values: Floats,
    decibels: float | None,
    images: list[Floats],
    label: str,
) -> Levels:
    """The levels from the peak down; `unit` is how much of the unit one decibel is."""
    if decibels is None:
        # Bands that hold nothing at all, above what a codec keeps, say nothing of the noise.
        heard = values[values >= peak - _LARGEST_RANGE * unit]
        floor = float(np.percentile(heard, _FLOOR_PERCENTILE)) if len(heard) else peak
        below = 5 * math.ceil((peak - floor) / unit / 5) + _HEADROOM
        decibels = min(max(below, _LEAST_RANGE), _LARGEST_RANGE)
    low = peak - decibels * unit
    return Levels(label, low, peak, tuple(images), (bool(len(values)) and bool(values.min() < low), False))


def _is_linear(frontend: Frontend) -> bool:
    return frontend.scaling is None and frontend.cepstrum is None and frontend.normalize is None


def _decibels(image: Floats, factor: float, peak: float) -> Floats:
    with np.errstate(divide="ignore"):  # silence is -inf dB and takes the darkest color
        return (factor * np.log10(np.maximum(image, 0) / peak)).astype(np.float32)
