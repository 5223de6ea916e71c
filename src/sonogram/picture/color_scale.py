"""The color scale: the unit of the color bar, its two ends, and pixels in that unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonogram.picture.parts import DrawnDefinition, is_linear, is_signed

__all__ = ["ColorScale", "color_scale"]

Floats = NDArray[np.float32]

_MIN_RANGE_DB = 40.0
"""Smallest dynamic range that is chosen: a noise floor near the peak stays dark."""
_MAX_RANGE_DB = 95.0
"""Largest dynamic range that is chosen: a larger one shows the noise of 16-bit files and of codecs."""
_HEADROOM_DB = 5.0
"""Distance from the noise floor down to the darkest color, so that values just below are not black."""
_FLOOR_PERCENTILE = 10.0
"""Percentile of the values within the largest range that is taken for the noise floor."""
_SIGNED_PERCENTILE = 97.0
"""Percentile of the absolute values of cepstra within the range; the first coefficients exceed it."""
_DECIBELS, _SILENCE = "dB re peak", "dB (silence: no peak)"
_OUTLIERS = 0.1
"""Percent of the values that may be beyond either end, where the unit has no decibels."""


@dataclass(frozen=True, eq=False)
class ColorScale:
    """What the colors mean, and the pixels in its unit."""

    label: str
    """Unit."""
    low: float
    """Value of the darkest color."""
    high: float
    """Value of the brightest color."""
    images: tuple[Floats, ...]
    """Pixels in that unit; NaN where there is no frame."""
    clipped: tuple[bool, bool]
    """Whether values are below the darkest and above the brightest color."""
    signed: bool = False
    """Whether the scale is centered on 0."""


def color_scale(
    images: list[Floats],
    frontends: list[DrawnDefinition],
    dynamic_range: float | None = None,
    levels: str = "shared",
) -> ColorScale:
    """Return one color scale for all the images of a picture.

    Linear features become dB below the peak of all images. Logarithmic features keep their unit, and the
    range is chosen as for dB. Cepstra are centered on 0. Others keep their unit, between two percentiles.

    Args:
        images: Pooled features of each panel, any shape.
        frontends: The definition of each.
        dynamic_range: Dynamic range, dB; None chooses it from the noise floor.
        levels: "own" gives each image its own peak.

    Returns:
        The scale, with the images in its unit.
    """
    if levels == "own":
        return _own(images, frontends, dynamic_range)
    first = frontends[0]
    if is_signed(first):
        return _signed(images, frontends)
    if is_linear(first):
        return _linear(images, frontends, dynamic_range)
    finite = np.concatenate([image[np.isfinite(image)] for image in images])
    per_unit = first.decibels_per_unit
    if per_unit is not None and per_unit > 0:
        peak = float(finite.max()) if len(finite) else 0.0
        return _below(peak, 1 / per_unit, finite, dynamic_range, images, first.unit)
    low, high = 0.0, 1.0
    if len(finite):
        low, high = (float(end) for end in np.percentile(finite, [_OUTLIERS, 100 - _OUTLIERS]))
    if high <= low:
        low, high = low - 0.5, low + 0.5
    clipped = bool((finite < low).any()), bool((finite > high).any())
    return ColorScale(first.unit, low, high, tuple(images), clipped)


def _own(images: list[Floats], frontends: list[DrawnDefinition], dynamic_range: float | None) -> ColorScale:
    """Return one scale for images that are each relative to their own peak, or their own range."""
    alone = [
        color_scale([image], [frontend], dynamic_range)
        for image, frontend in zip(images, frontends, strict=True)
    ]
    if len({frontend.unit for frontend in frontends}) > 1:
        return _shares(alone, "share of the range of each panel")
    unit, relative = alone[0].label, alone[0].label in {_DECIBELS, _SILENCE}
    if frontends[0].decibels_per_unit is None and not relative:
        # Without decibels, each image has its own range of values: the ends of the bar are those of each.
        return _shares(alone, f"{unit}, share of each range", signed=alone[0].signed)
    # Silence has no range, and one recording without noise would darken none of the others.
    ranges = [scale.low - scale.high for scale in alone if scale.label != _SILENCE]
    low = float(np.median(ranges)) if ranges else -_MAX_RANGE_DB
    label = f"{'dB' if relative else unit} re each peak"
    shown = tuple((scale.images[0] - scale.high).astype(np.float32) for scale in alone)
    below = any(bool((image < low).any()) for image in shown)
    return ColorScale(label, low, 0.0, shown, (below, False))


def _shares(alone: list[ColorScale], label: str, *, signed: bool = False) -> ColorScale:
    """Return one scale for the share of the range of each image: from 0 to 1, or from -1 to 1 if signed."""
    low, high = (-1.0, 1.0) if signed else (0.0, 1.0)
    shown = tuple(
        low + (high - low) * ((scale.images[0] - scale.low) / (scale.high - scale.low)) for scale in alone
    )
    clipped = any(scale.clipped[0] for scale in alone), any(scale.clipped[1] for scale in alone)
    return ColorScale(label, low, high, shown, clipped, signed)


def _signed(images: list[Floats], frontends: list[DrawnDefinition]) -> ColorScale:
    """Return a scale that is centered on 0, for cepstra.

    Coefficient 0 is the level of a frame, many times as large as the shape in the others: the range is chosen
    without it. In stacked frames and deltas it is the first one of each group.
    """
    shape = []
    for image, frontend in zip(images, frontends, strict=True):
        size = frontend.cepstrum.num_coefficients if frontend.cepstrum else 1
        numbers = np.arange(len(image)) * frontend.num_bands // max(len(image), 1) % size
        rows = image[numbers > 0] if size > 1 else image
        shape.append(np.abs(rows[np.isfinite(rows)]))
    values = np.concatenate(shape)
    bound = float(np.percentile(values, _SIGNED_PERCENTILE)) if len(values) else 1.0
    bound = bound if bound > 0 else 1.0
    finite = np.concatenate([image[np.isfinite(image)] for image in images])
    clipped = bool((finite < -bound).any()), bool((finite > bound).any())
    return ColorScale(frontends[0].unit, -bound, bound, tuple(images), clipped, signed=True)


def _linear(
    images: list[Floats], frontends: list[DrawnDefinition], dynamic_range: float | None
) -> ColorScale:
    peak = max((float(image[np.isfinite(image)].max(initial=0)) for image in images), default=0.0)
    if peak <= 0:
        silence = tuple(np.where(np.isnan(image), image, -np.inf).astype(np.float32) for image in images)
        low = -(dynamic_range or _MAX_RANGE_DB)
        return ColorScale(_SILENCE, low, 0.0, silence, (True, False))
    with np.errstate(divide="ignore"):  # silence is -inf dB and takes the darkest color
        images = [
            (frontend.spectrum.db_factor * np.log10(np.maximum(image, 0) / peak)).astype(np.float32)
            for image, frontend in zip(images, frontends, strict=True)
        ]
    values = np.concatenate([image[~np.isnan(image)] for image in images])
    return _below(0.0, 1.0, values, dynamic_range, images, _DECIBELS)


def _below(
    peak: float,
    decibel: float,
    values: Floats,
    dynamic_range: float | None,
    images: list[Floats],
    label: str,
) -> ColorScale:
    """Return the scale from the peak down; `decibel` is 1 dB in the unit of the values."""
    if dynamic_range is None:
        # Bands that are empty, above the cutoff of a codec, say nothing about the noise: leave them out.
        present = values[values >= peak - _MAX_RANGE_DB * decibel]
        floor = float(np.percentile(present, _FLOOR_PERCENTILE)) if len(present) else peak
        needed = 5 * math.ceil((peak - floor) / decibel / 5) + _HEADROOM_DB
        dynamic_range = min(max(needed, _MIN_RANGE_DB), _MAX_RANGE_DB)
    low = peak - dynamic_range * decibel
    return ColorScale(label, low, peak, tuple(images), (bool((values < low).any()), False))
