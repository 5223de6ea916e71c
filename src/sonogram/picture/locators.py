"""Ticks for Matplotlib: they follow the view, and the space there is. It imports Matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.ticker import Formatter, Locator, NullFormatter, NullLocator

from sonogram.picture.axes import Axis, BandAxis
from sonogram.picture.scales import LINEAR
from sonogram.picture.text import dpi_of
from sonogram.picture.ticks import Ticks

__all__ = ["set_axis"]

_PER_TICK = {"x": 7.9, "y": 2.64}
"""Length along an axis that one tick needs, in heights of its text."""
_MORE = 4
"""How many more ticks are tried where there would be one alone, from which no value can be read."""


def set_axis(axes: Any, name: str, axis: Axis, points: float) -> None:
    """Give axes of Matplotlib the limits, the scale and the ticks of an axis.

    Args:
        axes: The axes.
        name: "x" or "y".
        axis: The axis.
        points: Size of the text of the ticks.
    """
    target = getattr(axes, f"{name}axis")
    if isinstance(axis, BandAxis) and axis.scale is not LINEAR:
        functions = axis.scale.position, axis.scale.hertz
        getattr(axes, f"set_{name}scale")("function", functions=functions)
    getattr(axes, f"set_{name}lim")(*axis.ends)
    locator = _Locator(axis, name, points)
    target.set_major_locator(locator)
    target.set_major_formatter(_Formatter(locator))
    target.set_minor_locator(NullLocator())
    target.set_minor_formatter(NullFormatter())


class _Locator(Locator):
    """Ticks of an axis between the ends of the view."""

    def __init__(self, axis: Axis, name: str, points: float) -> None:
        self._of, self._name, self._points = axis, name, points

    def found(self) -> Ticks:
        target: Any = self.axis
        axes = target.axes
        length = axes.bbox.width if self._name == "x" else axes.bbox.height
        text = self._points / 72 * dpi_of(axes)
        low, high = sorted(target.get_view_interval())
        count = max(2, round(length / text / _PER_TICK[self._name]))
        tried = (self._of.ticks(low, high, count + more) for more in range(_MORE))
        return next((ticks for ticks in tried if len(ticks.places) > 1), self._of.ticks(low, high, count))

    def __call__(self) -> Sequence[float]:
        return self.found().places

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        return self._of.ticks(vmin, vmax, 9).places


class _Formatter(Formatter):
    """Names of the ticks of a `_Locator`."""

    def __init__(self, locator: _Locator) -> None:
        self._locator = locator

    def format_ticks(self, values: Any) -> list[str]:
        found = self._locator.found()
        names = dict(zip(found.places, found.names, strict=True))
        return [names.get(float(value), "") for value in values]

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:.6g}"
