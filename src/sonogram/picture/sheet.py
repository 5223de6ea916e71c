"""Contact sheets: many recordings on one page, with one color bar and one frequency axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.picture.arguments import ArgumentError
from sonogram.picture.axes import BandAxis, band_axis
from sonogram.picture.color_bar import color_bar
from sonogram.picture.color_scale import ColorScale, color_scale
from sonogram.picture.layout import DESIGN_DPI, unit_of
from sonogram.picture.panel import Panel, pixels
from sonogram.picture.parts import DrawnDefinition
from sonogram.picture.reduce import pool
from sonogram.picture.scales import LINEAR
from sonogram.picture.style import FAINT, INK, Style, View
from sonogram.picture.text import families, fit, printable
from sonogram.text import clock

if TYPE_CHECKING:
    from sonogram.picture.canvas import Picture

__all__ = ["PER_PAGE", "Page", "Thumbnail", "sheet", "thumbnail"]

PER_PAGE = 100
"""Largest number of recordings on one page: more would be too small to read."""

_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 2000, 100, 190, 92, 30
_HEIGHT = 150  # of a thumbnail
_CAPTION, _GAP = 46, 18
_HEADING = 44  # of a part
_LEAST = 60, 30
_BLANK = (241, 241, 244)


class Page:
    """Size, style and places of the thumbnails of a page, in pixels from the top and the left.

    Args:
        count: Number of recordings.
        style: Colors, levels and size; None uses the defaults.
        view: Frequency axis and limits, and whether the thumbnails share their time axis; None uses the
            defaults.
        parts: Headings of the parts of the features, each in rows of its own; one part needs none.

    Raises:
        SonogramError: There are too many recordings, or the size is too small for them.
    """

    def __init__(
        self,
        count: int,
        style: Style | None = None,
        view: View | None = None,
        parts: Sequence[str] = ("",),
    ) -> None:
        if not 0 < count * len(parts) <= PER_PAGE:
            most = f"{PER_PAGE // len(parts)} recordings" + (f" of {len(parts)} parts" if parts[1:] else "")
            raise SonogramError(f"a page shows 1 to {most}; got {count}: draw several pages")
        self.style, self.view, self.parts = style or Style(), view or View(), tuple(parts)
        size = self.style.pixels
        self.width = size[0] if size else round(_WIDTH * self.style.dpi / DESIGN_DPI)
        self.unit = unit_of(self.style, self.width)
        self.text = self.unit * DESIGN_DPI / self.style.dpi
        px = self.px
        self.columns = 4 if count * len(parts) <= 40 else 5
        self.part_rows = math.ceil(count / self.columns)
        self.rows = len(parts) * self.part_rows
        self.heading = px(_HEADING) if len(parts) > 1 else 0
        wide = (self.width - px(_LEFT) - px(_RIGHT) - (self.columns - 1) * px(_GAP)) // self.columns
        around = px(_TOP) + px(_BOTTOM) + self.rows * px(_CAPTION) + len(parts) * self.heading
        high = (size[1] - around) // self.rows if size else px(_HEIGHT)
        if wide < px(_LEAST[0]) or high < px(_LEAST[1]):
            raise ArgumentError(
                f"size {self.style.size} is too small for {count} recordings; use more", "size"
            )
        self.image = wide, high
        self.height = size[1] if size else around + self.rows * high

    def px(self, length: float) -> int:
        """Return a length of the design in whole pixels.

        Args:
            length: Pixels at 200 dpi.
        """
        return max(1, round(length * self.unit))

    def place(self, index: int, part: int = 0) -> tuple[int, int]:
        """Return the left and the top of a thumbnail.

        Args:
            index: Number of the recording, from 0.
            part: Number of the part, from 0.
        """
        row, column = divmod(index, self.columns)
        row += part * self.part_rows
        left = self.px(_LEFT) + column * (self.image[0] + self.px(_GAP))
        top = self.px(_TOP) + (part + 1) * self.heading + row * (self.image[1] + self.px(_CAPTION))
        return left, top


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A recording, reduced to its pixels on a page."""

    image: NDArray[np.float32]
    """`(height, width)` pixels, low bands first."""
    frontend: DrawnDefinition
    """The definition of the features; all thumbnails of a part have the same."""
    seconds: float
    """Duration of what is shown."""
    name: str
    """Text below the thumbnail."""
    note: str | None = None
    """Text in place of the pixels, of a recording that shows nothing."""
    part: int = 0
    """Number of the part of the features, from 0."""


def thumbnail(panel: Panel, name: str, page: Page, part: int = 0) -> Thumbnail:
    """Return a panel reduced to its pixels on a page.

    Args:
        panel: The recording.
        name: Text below the thumbnail.
        page: The page.
        part: Number of the part of the features, from 0.

    Returns:
        The pixels. Each is the maximum of what it covers, so short loud events remain visible.
    """
    image = pixels(panel, page.image, panel.span, band_axis(panel.frontend, page.view))
    return Thumbnail(image, panel.frontend, panel.span[1] - panel.span[0], name, panel.note, part)


def sheet(thumbnails: Sequence[Thumbnail], page: Page, *, title: str | None = None) -> Picture:
    """Return a page of recordings with one color bar.

    Each recording has the same width, whatever its duration, which is printed below it; with
    `View(shared_time=True)` the longest one has that width.

    Args:
        thumbnails: At least one, all of a part of one definition; fewer than the page has places for if some
            recordings could not be read.
        page: The page that they were made for.
        title: Text above.

    Returns:
        A Matplotlib figure, which no window and no global state hold.

    Raises:
        SonogramError: There is no thumbnail, there are too many, or their definitions or sizes differ.

    See Also:
        `sonogram.show`, which draws the sheet of a folder.
    """
    from sonogram.picture.canvas import Picture

    if not 0 < len(thumbnails) <= PER_PAGE:
        raise SonogramError(
            f"a page shows 1 to {PER_PAGE} recordings; got {len(thumbnails)}: draw several pages"
        )
    parts = [[each for each in thumbnails if each.part == part] for part in range(len(page.parts))]
    if any(len({each.frontend.fingerprint for each in part}) > 1 for part in parts):
        raise SonogramError("recordings on one page need one definition; draw them separately")
    if (
        sum(map(len, parts)) < len(thumbnails)
        or any(len(part) > page.columns * page.part_rows for part in parts)
        or any(each.image.shape != page.image[::-1] for each in thumbnails)
    ):
        raise SonogramError(
            f"these {len(thumbnails)} thumbnails do not fit the page; "
            "give `thumbnail` and `sheet` the same page"
        )
    thumbnails = [each for part in parts for each in part]
    places = [page.place(index, number) for number, part in enumerate(parts) for index in range(len(part))]
    style, frontends = page.style, [each.frontend for each in thumbnails]
    scale = color_scale([each.image for each in thumbnails], frontends, style.dynamic_range, style.levels)
    figure = Picture(page.width, page.height, style.dpi)
    longest = max(each.seconds for each in thumbnails) if page.view.shared_time else None
    image = _pixels(thumbnails, places, page, scale, longest)
    figure.figimage(image, 0, 0, origin="upper", resize=False, zorder=-1)
    write = _Writer(figure, page)
    left, above = page.px(_LEFT), page.px(_TOP - 40)
    if title is not None:
        write(title, (left, above), page.width - left - page.px(_RIGHT), size=11)
    for number, part in enumerate(parts):
        if part:
            _write_frequencies(write, band_axis(part[0].frontend, page.view), number)
            heading = left, page.place(0, number)[1] - page.px(20)
            write(page.parts[number], heading, page.width - left - page.px(_RIGHT), size=9)
    for (left, top), each in zip(places, thumbnails, strict=True):
        below = top + page.image[1] + page.px(18)
        right = left + page.image[0]
        length = write(_length(each.seconds), (right, below), page.px(120), faint=True)
        write(each.name, (left, below), page.image[0] - length - page.px(16))
        if each.note is not None:
            write(each.note, (left + page.px(12), top + page.image[1] // 2), page.image[0] - page.px(24))
    _draw_bar(figure, page, scale)
    return figure


def _pixels(
    thumbnails: Sequence[Thumbnail],
    places: Sequence[tuple[int, int]],
    page: Page,
    scale: ColorScale,
    longest: float | None,
) -> NDArray[np.uint8]:
    """Return the colors of all pixels of a page."""
    from matplotlib import colormaps

    wide, high = page.image
    colors = colormaps[page.style.map_name(signed=scale.signed)]
    picture = np.full((page.height, page.width, 3), 255, np.uint8)
    for (left, top), each, image in zip(places, thumbnails, scale.images, strict=True):
        shown = np.clip((image[::-1] - scale.low) / max(scale.high - scale.low, 1e-30), 0, 1)
        if longest is not None:  # reduced to its share of the width: a maximum of maxima
            edges = np.linspace(0, wide * longest / each.seconds, wide + 1)
            shown = pool(np.ascontiguousarray(shown.T, np.float32), edges).T
        rgb = colors(np.nan_to_num(shown), bytes=True)[..., :3]
        rgb[np.isnan(shown) if each.note is None else np.ones_like(shown, bool)] = _BLANK
        picture[top : top + high, left : left + wide] = rgb
    return picture


def _write_frequencies(write: _Writer, axis: BandAxis, part: int) -> None:
    """Write the frequencies to the left of each row of thumbnails of a part."""
    from matplotlib.lines import Line2D

    figure, page = write.figure, write.page
    high = page.image[1]
    low, top_end = axis.scale.position(np.array(axis.ends))
    ticks = axis.ticks(*axis.ends, 5 if axis.scale is LINEAR else 3)
    for row in range(page.part_rows):
        left, top = page.place(row * page.columns, part)
        for tick, name in zip(axis.scale.position(np.array(ticks.places)), ticks.names, strict=True):
            height = top + high * (top_end - tick) / (top_end - low)
            write(name, (left - page.px(12), round(height)), page.px(70), faint=True, size=6)
            ends = (left - page.px(7)) / page.width, (left - 1) / page.width
            across = 1 - height / page.height
            figure.add_artist(
                Line2D(ends, (across, across), linewidth=0.5, color=FAINT, solid_capstyle="butt")
            )
    figure.text(
        page.px(20) / page.width,
        1 - (page.place(0, part)[1] + high / 2) / page.height,
        axis.label.partition(",")[0] if high >= page.px(_HEIGHT) else "Hz",
        rotation=90,
        family=families(""),
        fontsize=6 * page.text,
        color=FAINT,
        ha="center",
        va="center",
    )


def _draw_bar(figure: Picture, page: Page, scale: ColorScale) -> None:
    top = page.place(0)[1]
    bottom = page.place((page.part_rows - 1) * page.columns, len(page.parts) - 1)[1] + page.image[1]
    height = min(bottom - top, page.px(900))
    left = page.width - page.px(_RIGHT - 30)
    box = (
        left / page.width,
        1 - (top + height) / page.height,
        page.px(22) / page.width,
        height / page.height,
    )
    color_bar(figure, box, height, scale, page.style.map_name(signed=scale.signed), page.text)


class _Writer:
    """Writes text on a page."""

    def __init__(self, figure: Picture, page: Page) -> None:
        self.figure, self.page = figure, page

    def __call__(
        self, text: str, place: tuple[int, int], width: float, *, faint: bool = False, size: float = 7
    ) -> float:
        """Write one line and return its width; faint text is right-aligned, other text left-aligned."""
        written = self.figure.text(
            place[0] / self.page.width,
            1 - place[1] / self.page.height,
            printable(text),
            family=families(text),
            fontsize=size * self.page.text,
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
