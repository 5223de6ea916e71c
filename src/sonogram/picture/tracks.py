"""Labels over a spectrogram: boxes in time and frequency, and rows of time labels above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sonogram.files import Label
from sonogram.picture.style import INK
from sonogram.picture.text import dpi_of, families, fit, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Tracks"]

_MAX_ROWS = 4
_BAR = "#d9dae3"
_LIGHT, _DARK = "white", "#101018"


class Tracks:
    """The labels of one panel.

    Args:
        labels: All labels of the recording.
        span: Ends of the time axis, seconds; labels beyond them are left out.
    """

    def __init__(self, labels: Sequence[Label], span: tuple[float, float]) -> None:
        self._span = span
        seen = [label for label in labels if label.end >= span[0] and label.start <= span[1]]
        self._boxes = [label for label in seen if label.low is not None or label.high is not None]
        times = [label for label in seen if label.low is None and label.high is None]
        self._placed = _rows(sorted(times, key=lambda label: (label.start, label.end)))
        self.rows = max((row for row, _ in self._placed), default=-1) + 1

    def draw(self, axes: Axes, height: int, text: float) -> None:
        """Draw them.

        Args:
            axes: The axes of the spectrogram, in seconds and hertz.
            height: Height of one row above it, pixels.
            text: Factor of the size of the text.
        """
        for label in self._boxes:
            _draw_box(axes, label, text)
        for row, label in self._placed:
            self._draw_time(axes, label, row, height, text)

    def _draw_time(self, axes: Axes, label: Label, row: int, height: int, text: float) -> None:
        """Draw a label without frequencies: a bar with its text above, and lines through the picture."""
        from matplotlib.patches import Rectangle

        start, end = max(label.start, self._span[0]), min(label.end, self._span[1])
        pixel = 1 / axes.bbox.height  # in the unit of the height of the axes
        bottom = 1 + (row * height + 0.15 * height) * pixel
        transform = axes.get_xaxis_transform()
        bar = Rectangle(
            (start, bottom),
            end - start,
            0.8 * height * pixel,
            transform=transform,
            clip_on=False,
            linewidth=0.5,
        )
        bar.set(facecolor=_BAR, edgecolor=_BAR if end > start else INK)
        axes.add_patch(bar)
        for second in sorted({label.start, label.end}):
            if self._span[0] < second < self._span[1]:
                axes.axvline(
                    second, color=_LIGHT, linewidth=0.7 * text, alpha=0.9, path_effects=_outlined(1.5 * text)
                )
        middle = bottom + 0.4 * height * pixel
        written = axes.text(
            start, middle, f" {printable(label.text)}", transform=transform, va="center_baseline"
        )
        written.set(
            fontsize=6.5 * text, color=INK, family=families(label.text), parse_math=False, clip_on=False
        )
        following = min(
            (other.start for place, other in self._placed if place == row and other.start > label.start),
            default=self._span[1],
        )
        edges = axes.transData.transform([(start, axes.get_ylim()[0]), (following, axes.get_ylim()[0])])
        if label.text:
            fit(written, max(float(edges[1][0] - edges[0][0]) - 4, 1))


def _rows(labels: list[Label]) -> list[tuple[int, Label]]:
    """Return labels with the row of each: overlapping ones are one above the other."""
    ends: list[float] = []
    placed = []
    for label in labels:
        row = next((row for row, end in enumerate(ends) if end <= label.start), len(ends))
        if row == len(ends) and row < _MAX_ROWS:
            ends.append(0.0)
        row = min(row, _MAX_ROWS - 1)
        ends[row] = max(ends[row], label.end)
        placed.append((row, label))
    return placed


def _draw_box(axes: Axes, label: Label, text: float) -> None:
    from matplotlib.patches import Rectangle

    bottom, top = sorted(axes.get_ylim())
    low = bottom if label.low is None else max(label.low, bottom)
    high = top if label.high is None else min(label.high, top)
    if low >= high:
        return
    box = Rectangle((label.start, low), label.end - label.start, high - low, fill=False)
    box.set(edgecolor=_LIGHT, linewidth=0.9 * text, path_effects=_outlined(1.9 * text))
    axes.add_patch(box)
    if not label.text:
        return
    # The text is above the box, or inside where the box ends at the top.
    pixels = axes.bbox.height - (axes.transData.transform((label.start, high))[1] - axes.bbox.y0)
    above = pixels > 12 * text * dpi_of(axes) / 72
    written = axes.annotate(
        printable(label.text),
        (max(label.start, axes.get_xlim()[0]), high),
        (1, 2 * text if above else -2 * text),
        textcoords="offset points",
        va="bottom" if above else "top",
        color=_LIGHT,
        fontsize=6.5 * text,
        family=families(label.text),
        clip_on=True,
        parse_math=False,
    )
    written.set_path_effects(_outlined(1.6 * text))


def _outlined(width: float) -> list[Any]:
    """Return the effect of a dark outline: white is then visible on dark and on light colors."""
    from matplotlib.patheffects import Normal, withStroke

    return [withStroke(linewidth=width, foreground=_DARK, alpha=0.75), Normal()]
