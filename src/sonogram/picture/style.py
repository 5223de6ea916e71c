"""Choices of a picture: colors and dynamic range; and where everything is placed, in whole pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sonogram.errors import SonogramError

__all__ = ["BLANK", "COLORS", "DPI", "FAINT", "INK", "Layout", "Style"]

COLORS = ("magma", "inferno", "plasma", "viridis", "cividis", "gray", "gray-print")
"""Color maps whose brightness is proportional to the value; "gray-print" is dark on white, for paper."""
DPI = 200
"""Pixels per inch: text of 8 points is 22 pixels high, sharp on dense screens."""
INK, FAINT, BLANK = "#1c1c24", "#6b6b78", "#f1f1f4"
"""Colors of text, of small text and lines, and of places without data."""


@dataclass(frozen=True)
class Style:
    """Colors and dynamic range of a picture.

    Args:
        colors: One of `COLORS`.
        dynamic_range: Dynamic range of the colors, down from the peak, dB; None chooses it from the noise
            floor. It applies to linear and logarithmic features: others have no decibels.

    Raises:
        SonogramError: There is no such color map, or the range is not above 0.

    Example:
        >>> Style("gray", dynamic_range=60).map_name
        'gray'
    """

    colors: str = "magma"
    dynamic_range: float | None = None

    def __post_init__(self) -> None:
        if self.colors not in COLORS:
            raise SonogramError(f"no colors {self.colors!r}; choose one of {', '.join(COLORS)}")
        if self.dynamic_range is not None and not 0 < self.dynamic_range < math.inf:
            raise SonogramError(f"dynamic_range must be above 0 dB; got {self.dynamic_range}")

    @property
    def map_name(self) -> str:
        """Name of the color map in Matplotlib."""
        return "gray_r" if self.colors == "gray-print" else self.colors


@dataclass(frozen=True)
class Layout:
    """Places in a stack of panels, in pixels from the top and from the left.

    A panel is a line for the title, the waveform, a gap, the spectrogram and its ticks.
    """

    panels: int
    has_title: bool = False
    has_wave: bool = True

    width: int = 2000
    left: int = 140
    right: int = 220
    top: int = 36
    heading: int = 60
    title: int = 46
    wave: int = 110
    gap: int = 14
    below: int = 62
    label: int = 44

    @property
    def image(self) -> tuple[int, int]:
        """Width and height of a spectrogram."""
        heights = {1: 600, 2: 420, 3: 340}
        return self.width - self.left - self.right, heights.get(self.panels, 280)

    @property
    def strip(self) -> int:
        """Height of a waveform and the gap below it."""
        if not self.has_wave:
            return 0
        return (self.wave if self.panels < 4 else 3 * self.wave // 4) + self.gap

    @property
    def panel(self) -> int:
        """Height of one panel with its title and its ticks."""
        return self.title + self.strip + self.image[1] + self.below

    @property
    def height(self) -> int:
        """Height of the picture."""
        return self.panel_top(self.panels) + self.label

    def panel_top(self, index: int) -> int:
        """Return where a panel begins."""
        return self.top + (self.heading if self.has_title else 0) + index * self.panel

    def box(self, left: int, top: int, width: int, height: int) -> tuple[float, float, float, float]:
        """Return a place as Matplotlib expects it: fractions of the picture, from the bottom."""
        return (
            left / self.width,
            (self.height - top - height) / self.height,
            width / self.width,
            height / self.height,
        )
