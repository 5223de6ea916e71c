"""Axes with ticks at round numbers of seconds and hertz."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonogram.frontend import Frontend
from sonogram.text import clock

__all__ = ["Axis", "frequency_axis", "round_below", "time_axis"]

_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_OCTAVES = (125, 250, 500, 1000, 2000, 4000, 8000, 16000, 32000, 64000)


@dataclass(frozen=True)
class Axis:
    """One axis: its ends, its ticks and its label."""

    label: str
    """Quantity and unit."""
    ends: tuple[float, float]
    """Values at both ends."""
    ticks: tuple[float, ...]
    """Positions of the ticks, in the unit of the ends."""
    names: tuple[str, ...]
    """Labels of the ticks."""


def time_axis(start: float, stop: float, count: int) -> Axis:
    """Return the time axis.

    Args:
        start: Left end, seconds.
        stop: Right end, seconds.
        count: Largest number of ticks.

    Returns:
        Seconds below a minute, then m:ss, from one hour h:mm:ss.
    """
    step = _round_step(stop - start, count)
    if stop > 60 and step >= 1:
        step = next((step_ for step_ in _SECONDS if step_ >= (stop - start) / count), step)
    ticks = _multiples(start, stop, step)
    if stop <= 60 or step < 1:
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        return Axis("time (s)", (start, stop), ticks, tuple(f"{tick:.{decimals}f}" for tick in ticks))
    if stop < 3600:
        return Axis("time (m:ss)", (start, stop), ticks, tuple(clock(tick, hours=False) for tick in ticks))
    return Axis("time (h:mm:ss)", (start, stop), ticks, tuple(clock(tick, hours=True) for tick in ticks))


def frequency_axis(frontend: Frontend, count: int) -> Axis:
    """Return the axis of the bands. Its unit is the row: row i extends from i to i + 1.

    Args:
        frontend: The definition.
        count: Largest number of ticks.

    Returns:
        Frequencies in Hz if the bands have them, otherwise the index; all bands have the same height.
    """
    rows = frontend.num_bands
    frequencies = frontend.frequencies
    if frequencies is None or (rows > 1 and not np.all(np.diff(frequencies) > 0)):
        name = "coefficient" if frontend.cepstrum is not None and frontend.stack is None else "value"
        if frontend.stack is None and frontend.cepstrum is None and frontend.deltas is None:
            name = "band"
        ticks = _multiples(0, rows - 1, max(1.0, _round_step(rows, count)))
        return Axis(
            name,
            (0, rows),
            tuple(tick + 0.5 for tick in ticks),
            tuple(f"{tick:.0f}" for tick in ticks),
        )
    if frontend.bands is None:
        top = float(frequencies[-1])
        ticks = _multiples(0, top, _round_step(top, count))
        width = float(frequencies[1]) if rows > 1 else 1.0
        places = tuple(tick / width + 0.5 for tick in ticks)
        # The first and the last bin are centered on the ends of the axis: half of each is visible.
        ends = (0.5, rows - 0.5) if rows > 1 else (0.0, 1.0)
        return Axis("frequency (Hz)", ends, places, tuple(_hertz(tick) for tick in ticks))
    return _mel_axis(frequencies, count)


def round_below(value: float) -> float:
    """Return the largest of ..., 0.5, 1, 2, 5, 10, ... up to `value`, which is above 0."""
    decade = 10.0 ** math.floor(math.log10(value))
    return max(
        float(f"{factor * decade:.1g}") for factor in (0.5, 1, 2, 5) if factor * decade <= value * (1 + 1e-9)
    )


def _mel_axis(frequencies: NDArray[np.float64], count: int) -> Axis:
    rows = len(frequencies)
    label = f"frequency (Hz), {rows} bands"
    chosen: list[tuple[float, float]] = []
    for hertz in sorted(_candidates(frequencies)):
        place = _place(hertz, frequencies)
        if 0 <= place <= rows and (not chosen or place - chosen[-1][1] >= 0.5 * rows / count):
            chosen.append((hertz, place))
    return Axis(
        label,
        (0, rows),
        tuple(place for _, place in chosen),
        tuple(_hertz(hertz) for hertz, _ in chosen),
    )


def _candidates(frequencies: NDArray[np.float64]) -> set[float]:
    """Return octaves, or round steps if the bands span less than two of them."""
    low, high = float(frequencies[0]), float(frequencies[-1])
    octaves = {float(hertz) for hertz in _OCTAVES if low <= hertz <= high}
    return (
        octaves | {0.0}
        if len(octaves) >= 3
        else set(_multiples(low, high, _round_step(high - low or high, 6)))
    )


def _place(hertz: float, frequencies: NDArray[np.float64]) -> float:
    """Return the row of a frequency: the center of band i is i + 0.5; extrapolated beyond the ends."""
    rows = len(frequencies)
    if rows == 1:
        return 0.5 if hertz == frequencies[0] else math.inf
    index = int(np.clip(np.searchsorted(frequencies, hertz) - 1, 0, rows - 2))
    low, high = frequencies[index], frequencies[index + 1]
    return float(index + (hertz - low) / (high - low) + 0.5)


def _round_step(length: float, count: int) -> float:
    """Return the smallest of ..., 0.5, 1, 2, 5, 10, ... that makes no more than `count` steps."""
    least = length / max(count, 1)
    decade = 10.0 ** math.floor(math.log10(least))
    return next(factor * decade for factor in (1.0, 2.0, 5.0, 10.0) if factor * decade >= least * (1 - 1e-9))


def _multiples(start: float, stop: float, step: float) -> tuple[float, ...]:
    first, last = math.ceil(start / step - 1e-9), math.floor(stop / step + 1e-9)
    return tuple(index * step for index in range(first, last + 1))


def _hertz(hertz: float) -> str:
    return f"{hertz / 1000:.10g}k" if hertz >= 1000 else f"{hertz:.10g}"
