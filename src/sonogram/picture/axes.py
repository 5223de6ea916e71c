"""Axes of a picture: time, and the frequencies or the numbers of the bands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sonogram.bands import Chroma, Octaves
from sonogram.picture import ticks
from sonogram.picture.arguments import ArgumentError
from sonogram.picture.parts import DrawnDefinition, PartDefinition
from sonogram.picture.scales import LINEAR, LOG, MEL, Scale, rows_of, scale_of_bands
from sonogram.picture.style import View
from sonogram.picture.ticks import Ticks, round_below

__all__ = ["Axis", "BandAxis", "band_axis", "row_name", "time_axis"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis: its ends, its label, and how ticks are chosen."""

    label: str
    """Quantity and unit."""
    ends: tuple[float, float]
    """Values at both ends."""
    ticks: Callable[[float, float, int], Ticks]
    """Ticks between two values, at most as many as the number."""


@dataclass(frozen=True, eq=False)
class BandAxis(Axis):
    """The axis of the bands: in hertz, or in numbers of bands."""

    scale: Scale
    """Its scale."""
    rows: Callable[[Floats], Floats]
    """Function from values of the axis to rows of the features; row i extends from i to i + 1."""

    def edges(self, pixels: int) -> Floats:
        """Return the rows at the edges of each pixel along the axis, `(pixels + 1,)`."""
        return self.rows(self.scale.between(*self.ends, pixels + 1))


def time_axis(start: float, stop: float, began: datetime | None = None) -> Axis:
    """Return the time axis.

    Args:
        start: Left end, seconds from the beginning of the recording.
        stop: Right end, seconds.
        began: When the recording began, for times of day.

    Returns:
        Seconds below a minute, then m:ss, from one hour h:mm:ss; or the time of day.
    """
    if began is not None:
        zone = began.strftime(" UTC%z") if began.tzinfo else ""
        days = [f"{began + timedelta(seconds=end):%Y-%m-%d}" for end in (start, stop)]
        label = f"time of day on {' and '.join(dict.fromkeys(days))}{zone}"
        return Axis(label, (start, stop), partial(ticks.times_of_day, began))
    return Axis(ticks.time_label(start, stop), (start, stop), ticks.times)


def band_axis(frontend: DrawnDefinition, view: View | None = None) -> BandAxis:
    """Return the axis of the bands.

    Args:
        frontend: The definition.
        view: Scale and limits; None uses those of the definition.

    Returns:
        Frequencies in hertz if the bands have increasing ones, otherwise numbers of values.

    Raises:
        SonogramError: A frequency axis or limit for features without frequencies.
    """
    view = view or View()
    frequencies = frontend.frequencies
    if frequencies is None or len(frequencies) < 2 or not np.all(np.diff(frequencies) > 0):
        return _numbers(frontend, view)
    scale = _scale(frontend, frequencies, view)
    low, high = _ends(frontend, frequencies, view, scale)
    label = "frequency (Hz)"
    if scale.name == "bands":
        label += f", {len(frequencies)} bands"
    elif scale.name == "mel":
        label += ", mel scale"
    chosen: Callable[[float, float, int], Ticks] = partial(
        ticks.frequencies, scale, _edges(frontend, frequencies)
    )
    if view.axis == "note":
        label, chosen = "note (A4 = 440 Hz)", ticks.notes
    elif scale is LINEAR:
        chosen = ticks.hertz
    return BandAxis(label, (low, high), chosen, scale, rows_of(frequencies))


def _numbers(frontend: DrawnDefinition, view: View) -> BandAxis:
    for name in ("axis", "low", "high"):
        if getattr(view, name) is not None:
            message = f"these features ({frontend.unit}) have no frequencies; leave {name} out"
            raise ArgumentError(message, name)
    if isinstance(frontend, PartDefinition):
        low, high = frontend.first - 0.5, frontend.first + frontend.num_bands - 0.5
        return BandAxis(frontend.numbers, (low, high), ticks.numbers, LINEAR, lambda number: number - low)
    name = row_name(frontend)
    chosen = ticks.pitch_classes if name == "pitch class" else ticks.numbers
    ends = (-0.5, frontend.num_bands - 0.5)
    return BandAxis(name, ends, chosen, LINEAR, lambda number: number + 0.5)


def row_name(frontend: DrawnDefinition) -> str:
    """Return what a row of features without frequencies is."""
    if frontend.stack is not None or frontend.deltas is not None:
        return "value"
    if frontend.cepstrum is not None:
        return "coefficient"
    is_chroma = isinstance(frontend.bands, (Chroma, Octaves)) and frontend.bands.count == 12
    return "pitch class" if is_chroma else "band"


def _scale(frontend: DrawnDefinition, frequencies: Floats, view: View) -> Scale:
    if view.axis is None:
        return LINEAR if frontend.has_linear_bins else scale_of_bands(frequencies)
    return {"linear": LINEAR, "log": LOG, "mel": MEL, "note": LOG}[view.axis]


def _ends(frontend: DrawnDefinition, frequencies: Floats, view: View, scale: Scale) -> tuple[float, float]:
    """Return the lowest and the highest frequency: the limits of the view, or what the features have."""
    low, high = float(frequencies[0]), float(frequencies[-1])
    if not frontend.has_linear_bins:  # a band extends half a row to either side of its center
        low, high = (
            float(end) for end in scale_of_bands(frequencies).hertz(np.array([0.0, len(frequencies)]))
        )
        low = low if scale.name == "bands" else max(low, 0.0)
    if scale is LOG and frontend.has_linear_bins:
        # A window must contain two periods: what is lower looks like the lowest bins.
        low = max(low, round_below(2 * frontend.sample_rate / frontend.frame_length))
    low = low if view.low is None else view.low
    high = high if view.high is None else view.high
    if not low < high:
        message = f"no frequencies between low ({low:g} Hz) and high ({high:g} Hz); choose others"
        raise ArgumentError(message, "low" if view.high is None else "high")
    return low, high


def _edges(frontend: DrawnDefinition, frequencies: Floats) -> tuple[float, float]:
    """Return where the first filter begins and the last one ends, Hz, if the definition states it."""
    if frontend.has_linear_bins:
        return 0.0, frontend.sample_rate / 2
    edges = getattr(frontend.bands, "edges", None)
    found = frequencies if edges is None else edges(frontend.sample_rate)
    return float(found[0]), float(found[-1])
