"""Frequency scales: positions along an axis, and back to hertz."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.bands import hertz_to_mel, mel_to_hertz

__all__ = ["LINEAR", "LOG", "MEL", "Scale", "rows_of", "scale_of_bands"]

Floats = NDArray[np.float64]

_LOWEST = 1e-3  # Hz: 0 has no place on a logarithmic axis


@dataclass(frozen=True, eq=False)
class Scale:
    """Two increasing functions, each the inverse of the other."""

    name: str
    """Name of the scale."""
    position: Callable[[Floats], Floats]
    """Position along the axis of a frequency in hertz; equal distances are equal lengths."""
    hertz: Callable[[Floats], Floats]
    """Frequency at a position."""

    def between(self, low: float, high: float, count: int) -> Floats:
        """Return `count` frequencies at equal distances along the axis, both ends included."""
        ends = self.position(np.array([low, high], np.float64))
        return self.hertz(np.linspace(ends[0], ends[1], count))


LINEAR = Scale("linear", np.asarray, np.asarray)
LOG = Scale("log", lambda hertz: np.log2(np.maximum(hertz, _LOWEST)), np.exp2)
MEL = Scale(
    "mel", lambda hertz: hertz_to_mel(np.maximum(hertz, 0), "htk"), lambda mel: mel_to_hertz(mel, "htk")
)


def rows_of(frequencies: Floats) -> Callable[[Floats], Floats]:
    """Return the function from hertz to rows: the center of band i is at i + 0.5.

    Args:
        frequencies: Center of each band, at least two, increasing; between and beyond them it is linear.
    """
    return lambda hertz: _line(hertz, frequencies, np.arange(len(frequencies)) + 0.5)


def scale_of_bands(frequencies: Floats) -> Scale:
    """Return the scale on which all bands have the same height."""
    rows = np.arange(len(frequencies)) + 0.5
    return Scale("bands", rows_of(frequencies), lambda row: _line(row, rows, frequencies))


def _line(values: Floats, x: NDArray[Any], y: NDArray[Any]) -> Floats:
    """Interpolate linearly, and continue the first and the last segment."""
    values = np.asarray(values, np.float64)
    index = np.clip(np.searchsorted(x, values) - 1, 0, len(x) - 2)
    slope = (y[index + 1] - y[index]) / (x[index + 1] - x[index])
    return np.asarray(y[index] + (values - x[index]) * slope)
