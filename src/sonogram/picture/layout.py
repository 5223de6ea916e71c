"""Where everything stands in a picture, in whole pixels."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DPI", "Layout"]

DPI = 200
"""Pixels per inch: text of 8 points is 22 pixels high, sharp on dense screens."""


@dataclass(frozen=True)
class Layout:
    """Places in pixels, from the top and from the left.

    A panel is a line for the title, the wave, a gap, the spectrogram and its ticks.
    """

    panels: int
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

    headed: bool = False
    waved: bool = True

    @property
    def image(self) -> tuple[int, int]:
        """Width and height of a spectrogram."""
        heights = {1: 600, 2: 420, 3: 340}
        return self.width - self.left - self.right, heights.get(self.panels, 280)

    @property
    def strip(self) -> int:
        """Height of a wave and the gap below it."""
        if not self.waved:
            return 0
        return (self.wave if self.panels < 4 else 3 * self.wave // 4) + self.gap

    @property
    def panel(self) -> int:
        """Height of one panel with its title and its ticks."""
        return self.title + self.strip + self.image[1] + self.below

    @property
    def height(self) -> int:
        """Height of the picture."""
        return self.top + (self.heading if self.headed else 0) + self.panels * self.panel + self.label

    def panel_top(self, index: int) -> int:
        """Where a panel begins."""
        return self.top + (self.heading if self.headed else 0) + index * self.panel

    def box(self, left: int, top: int, width: int, height: int) -> tuple[float, float, float, float]:
        """Return the place as Matplotlib has it: parts of the picture, from below."""
        return (
            left / self.width,
            (self.height - top - height) / self.height,
            width / self.width,
            height / self.height,
        )
