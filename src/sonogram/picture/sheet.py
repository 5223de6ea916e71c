"""The contact sheet: many recordings on one page, small, on one level and one frequency axis."""

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
from sonogram.picture.figure import color_bar
from sonogram.picture.layout import DPI
from sonogram.picture.levels import Levels, levels
from sonogram.picture.look import Look
from sonogram.picture.panel import Panel
from sonogram.picture.reduce import pool
from sonogram.picture.text import families, fit, printable
from sonogram.text import clock

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PER_PAGE", "Thumbnail", "sheet", "thumbnail"]

PER_PAGE = 100
"""Recordings of one page: smaller or higher it could not be read."""

_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 2000, 84, 190, 92, 30
_HEIGHT = 150  # of a thumbnail
_CAPTION, _GAP = 46, 18
_INK, _FAINT = "#1c1c24", "#6b6b78"
_BLANK = (241, 241, 244)


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A recording as small as it stands on a sheet: that is all that is kept of it."""

    image: NDArray[np.float32]
    """`(height, width)` pixels, low bands first."""
    frontend: Frontend
    """The definition of the features; that of all thumbnails of a sheet."""
    seconds: float
    """How long the recording is."""
    name: str
    """What stands below."""


def thumbnail(panel: Panel, name: str, count: int) -> Thumbnail:
    """Make a panel as small as it is on a sheet of `count` recordings.

    Args:
        panel: The recording.
        name: What stands below.
        count: Recordings of the page.

    Returns:
        Pixels, in which the loudest moments stay.
    """
    grid = _Grid(count)
    start, stop = panel.span
    columns = (np.linspace(start, stop, grid.width + 1) - panel.start) / (
        panel.step * panel.frames_per_column
    )
    rows = np.linspace(*_axis(panel.frontend).ends, _HEIGHT + 1)
    image = pool(np.ascontiguousarray(pool(panel.features, columns).T), rows)
    return Thumbnail(image, panel.frontend, stop - start, name)


def sheet(
    thumbnails: Sequence[Thumbnail],
    *,
    places: int | None = None,
    title: str | None = None,
    look: Look | None = None,
) -> Figure:
    """Draw recordings on one page, on one level: equal colors are equal values.

    Each takes the whole width of its place, however long it is; its length stands below it.

    Args:
        thumbnails: At least one, at most `PER_PAGE`, all of one definition.
        places: The `count` that they were made for: more than there are where some recordings could not
            be read. None is as many as there are.
        title: What stands above all.
        look: Colors and range; None takes the defaults.

    Returns:
        A Matplotlib figure that no window shows and no global state holds.

    Raises:
        SonogramError: There is none, there are too many, or their definitions or widths differ.
    """
    from matplotlib import colormaps
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    look = look or Look()
    if not 0 < len(thumbnails) <= PER_PAGE:
        raise SonogramError(
            f"a page shows 1 to {PER_PAGE} recordings; got {len(thumbnails)}: draw several pages"
        )
    if len({each.frontend.fingerprint for each in thumbnails}) > 1:
        raise SonogramError("recordings on one page need one definition: draw them apart")
    grid = _Grid(len(thumbnails) if places is None else places)
    if len(thumbnails) > grid.columns * grid.rows or any(
        each.image.shape != (_HEIGHT, grid.width) for each in thumbnails
    ):
        raise SonogramError(
            f"these {len(thumbnails)} thumbnails do not fit a page of {places or len(thumbnails)} places; "
            "give `thumbnail` and `sheet` the same count"
        )
    level = levels([each.image for each in thumbnails], [each.frontend for each in thumbnails], look.decibels)
    figure = Figure(figsize=(_WIDTH / DPI, grid.total / DPI), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    page = np.full((grid.total, _WIDTH, 3), 255, np.uint8)
    colors = colormaps[look.map_name]
    for index, image in enumerate(level.images):
        left, top = grid.place(index)
        shown = np.clip((image[::-1] - level.low) / max(level.high - level.low, 1e-30), 0, 1)
        pixels = colors(np.nan_to_num(shown), bytes=True)[..., :3]
        pixels[np.isnan(shown)] = _BLANK
        page[top : top + _HEIGHT, left : left + grid.width] = pixels
    figure.figimage(page, 0, 0, origin="upper", resize=False, zorder=-1)
    if title is not None:
        _write(figure, grid, title, (_LEFT, _TOP - 40), _WIDTH - _LEFT - _RIGHT, size=11)
    _frequencies(figure, grid, _axis(thumbnails[0].frontend))
    for index, each in enumerate(thumbnails):
        left, top = grid.place(index)
        below = top + _HEIGHT + 18
        length = _write(figure, grid, _length(each.seconds), (left + grid.width, below), 120, faint=True)
        _write(figure, grid, each.name, (left, below), grid.width - length - 16)
    _bar(figure, grid, level, look)
    return figure


class _Grid:
    """Where the thumbnails of a page stand, in pixels from the top and the left."""

    def __init__(self, count: int) -> None:
        self.columns = 4 if count <= 40 else 5
        self.rows = math.ceil(count / self.columns)
        room = _WIDTH - _LEFT - _RIGHT - (self.columns - 1) * _GAP
        self.width = room // self.columns
        self.total = _TOP + self.rows * (_HEIGHT + _CAPTION) + _BOTTOM

    def place(self, index: int) -> tuple[int, int]:
        """The left and the top of a thumbnail."""
        row, column = divmod(index, self.columns)
        return _LEFT + column * (self.width + _GAP), _TOP + row * (_HEIGHT + _CAPTION)


def _axis(frontend: Frontend) -> Axis:
    return frequency_axis(frontend, count=4)


def _frequencies(figure: Figure, grid: _Grid, axis: Axis) -> None:
    """The frequencies beside the first thumbnail of each row."""
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
                Line2D(ends, (across, across), linewidth=0.5, color=_FAINT, solid_capstyle="butt")
            )
    text = figure.text(
        10 / _WIDTH,
        1 - (_TOP - 40) / grid.total,
        axis.label.partition(",")[0].partition(" ")[2].strip("()") or axis.label,
        family=families(""),
        fontsize=7,
        color=_FAINT,
        va="center",
    )
    fit(text, _LEFT - 14)


def _bar(figure: Figure, grid: _Grid, level: Levels, look: Look) -> None:
    height = min(grid.rows * (_HEIGHT + _CAPTION) - _CAPTION, 900)
    left = _WIDTH - _RIGHT + 30
    box = (left / _WIDTH, 1 - (_TOP + height) / grid.total, 22 / _WIDTH, height / grid.total)
    color_bar(figure, box, height, level, look)


def _write(
    figure: Figure,
    grid: _Grid,
    text: str,
    place: tuple[int, int],
    width: float,
    *,
    faint: bool = False,
    size: float = 7,
) -> float:
    """Write a line, what is faint to the left of its place and the rest to the right; returns its width."""
    written = figure.text(
        place[0] / _WIDTH,
        1 - place[1] / grid.total,
        printable(text),
        family=families(text),
        fontsize=size,
        color=_FAINT if faint else _INK,
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
