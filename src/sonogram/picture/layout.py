"""Where everything is placed in a stack of panels, in whole pixels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from sonogram.picture.arguments import ArgumentError
from sonogram.picture.panel import Panel
from sonogram.picture.style import Style

__all__ = ["DESIGN_DPI", "Layout", "unit_of"]

DESIGN_DPI = 200
"""Pixels per inch at which the lengths below were chosen."""
_WIDTH = 2000
_LEFT, _RIGHT, _TOP = 140, 212, 36
_HEADING, _TITLE = 60, 46
_WAVE, _LOW_WAVE, _GAP = 110, 82, 14
_TRACK = 30  # of a row of labels
_BELOW, _LABEL = 62, 44
_IMAGE_HEIGHTS = {1: 600, 2: 420, 3: 340}
_MANY_HEIGHT = 280
_MIN_IMAGE = 160, 60
_FULL_TEXT_INCHES, _MIN_TEXT = 6.0, 0.8


def unit_of(style: Style, width: int) -> float:
    """Return the pixels of one length unit of the design: in narrow pictures text is smaller."""
    inches = width / style.dpi
    return style.dpi / DESIGN_DPI * min(max(inches / _FULL_TEXT_INCHES, _MIN_TEXT), 1.0)


class Layout:
    """Places in a stack of panels, in pixels from the top and from the left.

    A panel is a line for the title, the waveform and a gap if it has one, rows of labels, the spectrogram and
    its ticks. All spectrograms have one size.

    Args:
        panels: The panels.
        style: Size and resolution.
        has_title: Whether there is a title above all panels.
        tracks: Number of rows of labels above each spectrogram.

    Raises:
        ArgumentError: The size is too small for the panels.
    """

    def __init__(self, panels: Sequence[Panel], style: Style, *, has_title: bool, tracks: int) -> None:
        count = len(panels)
        size = style.pixels
        self.width = size[0] if size else round(_WIDTH * style.dpi / DESIGN_DPI)
        self.unit = unit_of(style, self.width)
        self.text = self.unit * DESIGN_DPI / style.dpi
        px = self.px
        self.left, self.right = px(_LEFT), px(_RIGHT)
        self.title = px(_TITLE)
        self.track = px(_TRACK)
        self.wave = px(_WAVE if count < 4 else _LOW_WAVE) if any(panel.has_wave for panel in panels) else 0
        self.head = px(_TOP) + (px(_HEADING) if has_title else 0)
        waves = [self.wave + px(_GAP) if panel.has_wave else 0 for panel in panels]
        self._above = [self.title + wave + tracks * self.track for wave in waves]
        around = self.head + sum(self._above) + count * px(_BELOW) + px(_LABEL)
        wanted = px(_IMAGE_HEIGHTS.get(count, _MANY_HEIGHT))
        height = (size[1] - around) // count if size else wanted
        self.image = self.width - self.left - self.right, height
        least = px(_MIN_IMAGE[0]), px(_MIN_IMAGE[1])
        if self.image[0] < least[0] or self.image[1] < least[1]:
            needed = least[0] + self.left + self.right, around + count * least[1]
            raise ArgumentError(
                f"size {style.size} is too small for {count} panel{'s' * (count > 1)} at {style.dpi} dpi; "
                f"use at least {needed[0]}x{needed[1]} pixels, or fewer dpi",
                "size",
            )
        heights = [above + height + px(_BELOW) for above in self._above]
        self._tops = list(accumulate(heights, initial=self.head))
        self.height = size[1] if size else self._tops[-1] + px(_LABEL)

    def px(self, length: float) -> int:
        """Return a length of the design in whole pixels."""
        return max(1, round(length * self.unit))

    def panel_top(self, index: int) -> int:
        """Return where a panel begins."""
        return self._tops[index]

    def image_top(self, index: int) -> int:
        """Return where a spectrogram begins."""
        return self._tops[index] + self._above[index]

    def box(self, left: int, top: int, width: int, height: int) -> tuple[float, float, float, float]:
        """Return a place as Matplotlib expects it: fractions of the picture, from the bottom."""
        return (
            left / self.width,
            (self.height - top - height) / self.height,
            width / self.width,
            height / self.height,
        )
