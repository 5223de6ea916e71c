"""Ticks at round numbers of seconds, hertz, notes and bands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from sonogram.picture.scales import LOG, Scale
from sonogram.text import clock

__all__ = [
    "Ticks",
    "frequencies",
    "hertz",
    "notes",
    "numbers",
    "pitch_classes",
    "round_below",
    "time_label",
    "times",
    "times_of_day",
]

_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_DAY = 86400
_OCTAVES = tuple(125.0 * 2**octave for octave in range(12))
_MIN_GAP = 0.4
"""Smallest distance of ticks on axes that are not linear, as a share of an even division."""
_NOTES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
_NOTE_CLASSES = ((0,), (7,), (4, 9), (2, 5, 11), (1, 3, 6, 8, 10))
"""Pitch classes in the order in which they are added while there is space."""


class Ticks(NamedTuple):
    """Positions on an axis, and their names."""

    places: tuple[float, ...]
    """In the unit of the axis."""
    names: tuple[str, ...]
    """As they are written."""


def time_label(start: float, stop: float) -> str:
    """Return the label of a time axis: the form of its tick labels."""
    if stop <= 60 or stop - start < 8:
        return "time (s)"
    return "time (m:ss)" if stop < 3600 else "time (h:mm:ss)"


def times(start: float, stop: float, count: int) -> Ticks:
    """Return ticks in seconds; from a minute on as m:ss or h:mm:ss."""
    label = time_label(start, stop)
    if label == "time (s)":
        step = _round_step(stop - start, count)
        places = _multiples(start, stop, step)
        return Ticks(places, tuple(f"{place:.{_decimals(step)}f}" for place in places))
    places = _multiples(start, stop, _clock_step(start, stop, count))
    return Ticks(places, tuple(clock(place, hours=label == "time (h:mm:ss)") for place in places))


def times_of_day(began: datetime, start: float, stop: float, count: int) -> Ticks:
    """Return ticks at round times of day.

    Args:
        began: When the recording began.
        start: Left end, seconds from then.
        stop: Right end, seconds.
        count: Largest number of ticks.
    """
    midnight = began.replace(hour=0, minute=0, second=0, microsecond=0)
    shift = (began - midnight).total_seconds()
    step = _clock_step(start, stop, count)
    places = _multiples(shift + start, shift + stop, step)
    names = []
    for place in places:
        text = clock(place % _DAY, _decimals(step) if step < 1 else 0, hours=True)
        text = text if text[1] != ":" else f"0{text}"
        names.append(text if step % 60 else text[:5])
    return Ticks(tuple(place - shift for place in places), tuple(names))


def hertz(low: float, high: float, count: int) -> Ticks:
    """Return ticks at equal steps of frequency."""
    places = _multiples(low, high, _round_step(high - low, count))
    return Ticks(places, tuple(map(_hertz, places)))


def numbers(low: float, high: float, count: int) -> Ticks:
    """Return ticks at whole numbers."""
    places = _multiples(low, high, max(1.0, _round_step(high - low, count)))
    return Ticks(places, tuple(f"{place:.0f}" for place in places))


def pitch_classes(low: float, high: float, count: int) -> Ticks:
    """Return ticks at the twelve pitch classes from C on, or at those without an accidental."""
    shown = [place for place in range(12) if low <= place <= high]
    if len(shown) > count:
        shown = [place for place in shown if len(_NOTES[place]) == 1]
    return Ticks(tuple(map(float, shown)), tuple(_NOTES[place] for place in shown))


def frequencies(scale: Scale, edges: Sequence[float], low: float, high: float, count: int) -> Ticks:
    """Return ticks on a scale that is not linear: octaves or decades, and the ends where there is space.

    Args:
        scale: The scale.
        edges: Where the bands begin and end, Hz: an end of the axis less than a row away has their name.
        low: Lower end, Hz.
        high: Upper end, Hz.
        count: Largest number of ticks.
    """
    if scale is LOG:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        decades = [10.0**power for power in range(first, last + 1)]
        classes = [decades, [factor * decade for decade in decades for factor in (2, 5)]]
    else:
        classes = [list(_OCTAVES)]
    if sum(low <= each <= high for each in _union(classes)) < 3:
        classes = [list(_multiples(low, high, _round_step(high - low, max(count // 2, 2))))]
    gap = _MIN_GAP / max(count, 1)
    places = dict.fromkeys(_spaced(classes, scale, low, high, gap))
    named = {place: _hertz(place) for place in places}
    for end, edge in zip((low, high), (edges[0], edges[-1]), strict=True):
        # A filter extends half a row beyond the row that shows it; in a picture that is a few pixels.
        away = abs(_share(scale, edge, low, high) - _share(scale, end, low, high))
        name = _hertz(_shorten(edge if away < gap / 2 else end))
        if all(
            abs(_share(scale, end, low, high) - _share(scale, other, low, high)) >= gap for other in named
        ):
            named[end] = name
    ordered = sorted(named)
    return Ticks(tuple(ordered), tuple(named[place] for place in ordered))


def notes(low: float, high: float, count: int) -> Ticks:
    """Return ticks at notes of the equal temperament: each C, and more of them where there is space."""
    first, last = (math.floor(69 + 12 * math.log2(end / 440)) for end in (low, high))
    keys = {440 * 2 ** ((key - 69) / 12): key for key in range(first, last + 2)}
    classes = [[place for place, key in keys.items() if key % 12 in group] for group in _NOTE_CLASSES]
    places = tuple(sorted(_spaced(classes, LOG, low, high, _MIN_GAP / max(count, 1))))
    return Ticks(places, tuple(f"{_NOTES[keys[place] % 12]}{keys[place] // 12 - 1}" for place in places))


def round_below(value: float) -> float:
    """Return the largest of ..., 0.5, 1, 2, 5, 10, ... up to `value`, which is above 0."""
    decade = 10.0 ** math.floor(math.log10(value))
    return max(
        float(f"{factor * decade:.1g}") for factor in (0.5, 1, 2, 5) if factor * decade <= value * (1 + 1e-9)
    )


def _union(classes: Iterable[Iterable[float]]) -> set[float]:
    return {each for group in classes for each in group}


def _spaced(
    classes: Iterable[Iterable[float]], scale: Scale, low: float, high: float, gap: float
) -> list[float]:
    """Return the values of the first class, and of each further class of which all have space."""
    chosen: list[float] = []
    for number, group in enumerate(classes):
        added: list[float] = []
        for each in group:
            if not low * (1 - 1e-9) <= each <= high * (1 + 1e-9):
                continue
            share = _share(scale, each, low, high)
            if all(abs(share - _share(scale, other, low, high)) >= gap for other in chosen + added):
                added.append(each)
            elif number:
                added = []
                break
        chosen += added
    return chosen


def _share(scale: Scale, value: float, low: float, high: float) -> float:
    """Return a place as a share of the length of the axis."""
    place, first, last = scale.position(np.array([value, low, high]))
    return float((place - first) / (last - first))


def _clock_step(start: float, stop: float, count: int) -> float:
    step = _round_step(stop - start, count)
    if step < 1:
        return step
    return next((each for each in _SECONDS if each >= (stop - start) / count), step)


def _round_step(length: float, count: int) -> float:
    """Return the smallest of ..., 0.5, 1, 2, 5, 10, ... that makes no more than `count` steps."""
    least = length / max(count, 1)
    decade = 10.0 ** math.floor(math.log10(least))
    return next(factor * decade for factor in (1.0, 2.0, 5.0, 10.0) if factor * decade >= least * (1 - 1e-9))


def _multiples(start: float, stop: float, step: float) -> tuple[float, ...]:
    first, last = math.ceil(start / step - 1e-9), math.floor(stop / step + 1e-9)
    return tuple(index * step for index in range(first, last + 1))


def _shorten(value: float) -> float:
    """Return a value with as few digits as differ from it by less than a pixel."""
    rounded = (float(f"{value:.{digits}g}") for digits in range(1, 18))
    return next((short for short in rounded if abs(short - value) <= 2e-4 * abs(value)), value)


def _decimals(step: float) -> int:
    return max(0, -math.floor(math.log10(step) + 1e-9))


def _hertz(hertz: float) -> str:
    return f"{hertz / 1000:.10g}k" if hertz >= 1000 else f"{hertz:.10g}"
