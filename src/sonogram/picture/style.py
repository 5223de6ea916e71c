"""Choices of a picture: colors, levels and size; frequency axis and limits."""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from typing import Literal, get_args

from sonogram.picture.arguments import ArgumentError, check_numbers, check_texts

__all__ = ["AXES", "BLANK", "COLORS", "DIVERGING", "FAINT", "INK", "LEVELS", "Style", "View"]

COLORS = ("magma", "inferno", "plasma", "viridis", "cividis", "gray", "gray-print")
"""Color maps whose brightness is proportional to the value; "gray-print" is dark on white, for paper."""
DIVERGING = "RdBu_r"
"""Color map of signed features: 0 is white, negative values are blue and positive ones red."""
INK, FAINT, BLANK = "#1c1c24", "#6b6b78", "#f1f1f4"
"""Colors of text, of small text and lines, and of places without data."""

AxisName = Literal["linear", "log", "mel", "note"]
Levels = Literal["shared", "own"]
AXES: tuple[str, ...] = get_args(AxisName)
LEVELS: tuple[str, ...] = get_args(Levels)

_MAX_RANGE_DB = 1000.0
_DPI = 200  # text of 8 points is 22 pixels high, sharp on dense screens
_MIN_DPI, _MAX_DPI = 20, 2400
_MAX_PIXELS = 1 << 28
_INCHES = {"mm": 1 / 25.4, "cm": 1 / 2.54, "in": 1.0}
_SIZE = re.compile("(\\d+(?:\\.\\d+)?)\\s*[x\N{MULTIPLICATION SIGN}]\\s*(\\d+(?:\\.\\d+)?)\\s*(px|mm|cm|in)?")


@dataclass(frozen=True)
class Style:
    """Colors, levels and size of a picture.

    Args:
        colors: One of `COLORS`, or any color map of Matplotlib. None is "magma", and `DIVERGING` for signed
            features such as cepstra.
        dynamic_range: Dynamic range of the colors, down from the peak, dB; None chooses it from the noise
            floor. It applies to linear and logarithmic features: others have no decibels.
        levels: "shared": equal colors are equal values in all recordings of the picture. "own": each
            recording has its own peak, so that quiet ones are as visible as loud ones.
        size: Width and height, such as "85x60mm", "3.5x2in" or "1920x1080" (pixels). None is 10 inches
            wide, and as high as the panels need.
        dpi: Pixels per inch: 200 for screens, 300 or 600 for print.

    Raises:
        SonogramError: There is no such color map, or a value is out of range.

    Example:
        >>> Style("gray", dynamic_range=60, size="85x60mm", dpi=300).pixels
        (1004, 709)
    """

    colors: str | None = None
    dynamic_range: float | None = None
    levels: Levels = "shared"
    size: str | None = None
    dpi: int = _DPI

    def __post_init__(self) -> None:
        check_texts(colors=self.colors, size=self.size)
        check_numbers(dynamic_range=self.dynamic_range, dpi=self.dpi)
        if self.colors is not None and self.colors not in COLORS:
            _require_map(self.colors)
        if self.dynamic_range is not None and not 0 < self.dynamic_range <= _MAX_RANGE_DB:
            most = f"{_MAX_RANGE_DB:.0f} dB"
            raise ArgumentError(
                f"dynamic_range must be above 0 dB and at most {most}; got {self.dynamic_range}",
                "dynamic_range",
            )
        if self.levels not in LEVELS:
            raise ArgumentError(f"levels must be {' or '.join(LEVELS)}; got {self.levels!r}", "levels")
        if not _MIN_DPI <= self.dpi <= _MAX_DPI:
            raise ArgumentError(f"dpi must be from {_MIN_DPI} to {_MAX_DPI}; got {self.dpi}", "dpi")
        if self.size is not None and not 0 < math.prod(self.pixels or (0,)) <= _MAX_PIXELS:
            message = f"size {self.size} at {self.dpi} dpi must be from 1 to {_MAX_PIXELS:,} pixels"
            raise ArgumentError(message, "size")

    @property
    def pixels(self) -> tuple[int, int] | None:
        """Width and height in pixels; None if `size` is None."""
        if self.size is None:
            return None
        found = _SIZE.fullmatch(self.size.strip().lower())
        if found is None:
            raise ArgumentError(
                f"size is a width and a height, such as 85x60mm, 3.5x2in or 1920x1080; got {self.size!r}",
                "size",
            )
        factor = self.dpi * _INCHES[found[3]] if found[3] in _INCHES else 1.0
        return round(float(found[1]) * factor), round(float(found[2]) * factor)

    def map_name(self, *, signed: bool = False) -> str:
        """Return the name of the color map in Matplotlib.

        Args:
            signed: Whether the features have values of both signs.
        """
        if self.colors is None:
            return DIVERGING if signed else COLORS[0]
        return "gray_r" if self.colors == "gray-print" else self.colors


@dataclass(frozen=True)
class View:
    """Which frequencies a picture shows, and on which axes.

    Args:
        axis: "linear", "log", "mel", or "note": a logarithmic axis with the names of notes. None is linear
            for spectra; mel and other bands have equal heights.
        low: Lowest frequency, Hz; None is that of the features.
        high: Highest frequency, Hz.
        shared_time: Whether the time axes of all recordings have the same length, so that equal widths are
            equal times. Otherwise each recording fills the width.

    Raises:
        SonogramError: There is no such axis, or the limits are not in order.

    Example:
        >>> View("log", low=50).axis
        'log'
    """

    axis: AxisName | None = None
    low: float | None = None
    high: float | None = None
    shared_time: bool = False

    def __post_init__(self) -> None:
        if self.axis is not None and self.axis not in AXES:
            raise ArgumentError(f"axis must be one of {', '.join(AXES)}; got {self.axis!r}", "axis")
        check_numbers(low=self.low, high=self.high)
        for name, value in (("low", self.low), ("high", self.high)):
            if value is not None and not 0 <= value < math.inf:
                raise ArgumentError(f"{name} must be a frequency of at least 0 Hz; got {value}", name)
        if self.high is not None and not (self.low or 0) < self.high:
            message = f"high must be above low ({self.low or 0:g} Hz); got {self.high:g} Hz"
            raise ArgumentError(message, "high")
        if self.low == 0 and self.logarithmic:
            raise ArgumentError("low must be above 0 Hz on a logarithmic axis; got 0", "low")

    @property
    def logarithmic(self) -> bool:
        """Whether low frequencies take most of the axis: they need a longer window."""
        return self.axis in {"log", "note"}


def _require_map(name: str) -> None:
    from matplotlib import colormaps

    if name not in colormaps:
        near = difflib.get_close_matches(name, [*COLORS, *colormaps], 1)
        hint = f"did you mean {near[0]}? " if near else ""
        message = (
            f"no colors {name!r}; {hint}choose one of {', '.join(COLORS)}, or any color map of Matplotlib"
        )
        raise ArgumentError(message, "colors")
