"""Contact sheets: many recordings on one page, with a shared color scale and frequency axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.picture.axes import Axis, frequency_axis
from sonogram.picture.color_scale import ColorScale, color_scale
from sonogram.picture.figure import color_bar, pixels
from sonogram.picture.panel import Panel
from sonogram.picture.style import FAINT, INK, Style
from sonogram.picture.text import families, fit, printable
from sonogram.text import clock

if TYPE_CHECKING:
    from sonogram.picture.canvas import Picture

__all__ = ["PER_PAGE", "Thumbnail", "sheet", "thumbnail"]

PER_PAGE = 100
"""Largest number of recordings on one page: more would be too small to read."""

_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 2000, 84, 190, 92, 30
_HEIGHT = 150  # of a thumbnail
_CAPTION, _GAP = 46, 18
_BLANK = (241, 241, 244)


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A recording, reduced to its pixels on a sheet."""

    image: NDArray[np.float32]
    """`(height, width)` pixels, low bands first."""
    frontend: Frontend
    """The definition of the features; all thumbnails of a sheet have the same."""
    seconds: float
    """Duration of the recording."""
    name: str
    """Text below the thumbnail."""


def thumbnail(panel: Panel, name: str, count: int) -> Thumbnail:
    """Return a panel reduced to its pixels on a sheet of `count` recordings.

    Args:
        panel: The recording.
        name: Text below the thumbnail.
        count: Number of recordings on the page.

    Returns:
        The pixels. Each is the maximum of what it covers, so short loud events remain visible.
    """
    grid = _Grid(count)
    image = pixels(panel, (grid.width, _HEIGHT), panel.span, _axis(panel.frontend).ends)
    return Thumbnail(image, panel.frontend, panel.span[1] - panel.span[0], name)


def sheet(
    thumbnails: Sequence[Thumbnail],
    *,
    places: int | None = None,
    title: str | None = None,
    style: Style | None = None,
) -> Picture:
    """Return a page of recordings with a shared color scale: equal colors are equal values.

    Each recording has the same width, whatever its duration, which is printed below it.

    Args:
        thumbnails: At least one, at most `PER_PAGE`, all of one definition.
        places: The `count` that they were made for: more than the thumbnails if some recordings could not
            be read. None is the number of thumbnails.
        title: Text above the page.
        style: Colors and dynamic range; None uses the defaults.

    Returns:
        A Matplotlib figure, which no window and no global state hold.

    Raises:
        SonogramError: There is no thumbnail, there are too many, or their definitions or widths differ.

    See Also:
        `sonogram.show`, which draws the sheet of a folder.
    """
    from matplotlib import colormaps

    from sonogram.picture.canvas import Picture

    style = style or Style()
    if not 0 < len(thumbnails) <= PER_PAGE:
        raise SonogramError(
            f"a page shows 1 to {PER_PAGE} recordings; got {len(thumbnails)}: draw several pages"
        )
    if len({each.frontend.fingerprint for each in thumbnails}) > 1:
        raise SonogramError("recordings on one page need one definition; draw them separately")
    grid = _Grid(len(thumbnails) if places is None else places)
    if len(thumbnails) > grid.columns * grid.rows or any(
        each.image.shape != (_HEIGHT, grid.width) for each in thumbnails
    ):
        raise SonogramError(
            f"these {len(thumbnails)} thumbnails do not fit a page of {places or len(thumbnails)} places; "
            "give `thumbnail` and `sheet` the same count"
        )
    frontends = [each.frontend for each in thumbnails]
    scale = color_scale([each.image for each in thumbnails], frontends, style.dynamic_range)
    figure = Picture(_WIDTH, grid.total)
    page = np.full((grid.total, _WIDTH, 3), 255, np.uint8)
    colors = colormaps[style.map_name]
    for index, image in enumerate(scale.images):
        left, top = grid.place(index)
        shown = np.clip((image[::-1] - scale.low) / max(scale.high - scale.low, 1e-30), 0, 1)
        rgb = colors(np.nan_to_num(shown), bytes=True)[..., :3]
        rgb[np.isnan(shown)] = _BLANK
        page[top : top + _HEIGHT, left : left + grid.width] = rgb
    figure.figimage(page, 0, 0, origin="upper", resize=False, zorder=-1)
    if title is not None:
        _write(figure, grid, title, (_LEFT, _TOP - 40), _WIDTH - _LEFT - _RIGHT, size=11)
    _frequencies(figure, grid, _axis(thumbnails[0].frontend))
    for index, each in enumerate(thumbnails):
        left, top = grid.place(index)
        below = top + _HEIGHT + 18
        length = _write(figure, grid, _length(each.seconds), (left + grid.width, below), 120, faint=True)
        _write(figure, grid, each.name, (left, below), grid.width - length - 16)
    _bar(figure, grid, scale, style)
    return figure


class _Grid:
    """Places of the thumbnails of a page, in pixels from the top and the left."""

    def __init__(self, count: int) -> None:
        self.columns = 4 if count <= 40 else 5
        self.rows = math.ceil(count / self.columns)
        self.width = (_WIDTH - _LEFT - _RIGHT - (self.columns - 1) * _GAP) // self.columns
        self.total = _TOP + self.rows * (_HEIGHT + _CAPTION) + _BOTTOM

    def place(self, index: int) -> tuple[int, int]:
        """Return the left and the top of a thumbnail."""
        row, column = divmod(index, self.columns)
        return _LEFT + column * (self.width + _GAP), _TOP + row * (_HEIGHT + _CAPTION)


def _axis(frontend: Frontend) -> Axis:
    return frequency_axis(frontend, count=4)


def _frequencies(figure: Picture, grid: _Grid, axis: Axis) -> None:
    """Write the frequencies to the left of each row of thumbnails."""
    from matplotlib.lines import Line2D

    low, high = axis.ends
    for row in range(grid.rows):
        left, top = grid.place(row * grid.columns)
        for tick, name in zip(axis.ticks, axis.names, strict=True):
            height = top + _HEIGHT * (high - tick) / (high - low)
            _write(figure, grid, name, (left - 12, round(height)), 80, faint=True, size=6)
            ends = (left - 7) / _WIDTH, (left - 1) / _WIDTH
            across = 1 - height / grid.total
            figure.add_artist(
                Line2D(ends, (across, across), linewidth=0.5, color=FAINT, solid_capstyle="butt")
            )
    text = figure.text(
        10 / _WIDTH,
        1 - (_TOP - 40) / grid.total,
        axis.label.partition(",")[0].partition(" ")[2].strip("()") or axis.label,
        family=families(""),
        fontsize=7,
        color=FAINT,
        va="center",
    )
    fit(text, _LEFT - 14)


def _bar(figure: Picture, grid: _Grid, scale: ColorScale, style: Style) -> None:
    height = min(grid.rows * (_HEIGHT + _CAPTION) - _CAPTION, 900)
    left = _WIDTH - _RIGHT + 30
    box = (left / _WIDTH, 1 - (_TOP + height) / grid.total, 22 / _WIDTH, height / grid.total)
    color_bar(figure, box, height, scale, style)


def _write(
    figure: Picture,
    grid: _Grid,
    text: str,
    place: tuple[int, int],
    width: float,
    *,
    faint: bool = False,
    size: float = 7,
) -> float:
    """Write one line and return its width; faint text is right-aligned, other text left-aligned."""
    written = figure.text(
        place[0] / _WIDTH,
        1 - place[1] / grid.total,
        printable(text),
        family=families(text),
        fontsize=size,
        color=FAINT if faint else INK,
        ha="right" if faint else "left",
        va="center",
        parse_math=False,
    )
    fit(written, width)
    return float(written.get_window_extent().width)


def _length(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.3g} s" if seconds < 10 else f"{seconds:.0f} s"
    return clock(seconds)
