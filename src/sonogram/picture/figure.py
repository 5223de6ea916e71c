"""Pictures of panels: one below the other, each a waveform over its spectrogram, with one color bar.

Everything is placed in whole pixels, and features are pooled to exactly the pixels of their axes: Matplotlib
copies the image and never resamples it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sonogram.errors import SonogramError
from sonogram.picture.axes import Axis, BandAxis, band_axis, time_axis
from sonogram.picture.color_bar import color_bar, set_ticks
from sonogram.picture.color_scale import ColorScale, color_scale
from sonogram.picture.layout import Layout
from sonogram.picture.panel import Panel, pixels
from sonogram.picture.reduce import pool
from sonogram.picture.style import BLANK, FAINT, INK, Style, View
from sonogram.picture.text import families, fit, printable, width_of
from sonogram.picture.ticks import round_below
from sonogram.picture.tracks import Tracks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sonogram.picture.canvas import Picture

__all__ = ["MAX_PANELS", "stack"]

MAX_PANELS = 64
"""Largest number of panels of one picture."""


def stack(
    panels: Sequence[Panel],
    *,
    title: str | None = None,
    style: Style | None = None,
    view: View | None = None,
) -> Picture:
    """Return a picture of panels one below the other, with one color bar.

    Args:
        panels: At least one; their features have one unit, unless each has its own levels.
        title: Text above all panels; each panel also has its own title.
        style: Colors, levels and size; None uses the defaults.
        view: Frequency axis and limits, and whether the panels share their time axis; None uses the defaults.

    Returns:
        A Matplotlib figure, which no window and no global state hold.

    Raises:
        SonogramError: There is no panel, there are too many, their units differ, or the size is too small.

    See Also:
        `clip_panel` and `file_panels`, which make panels; `sheet`, for many recordings.
    """
    from sonogram.picture.canvas import Picture

    style, view = style or Style(), view or View()
    _check(panels, style)
    tracks = [Tracks(panel.labels, panel.span) for panel in panels]
    layout = Layout(panels, style, has_title=title is not None, tracks=max(each.rows for each in tracks))
    figure = Picture(layout.width, layout.height, style.dpi)
    times = _times(panels, view)
    bands = [band_axis(panel.frontend, view) for panel in panels]
    images = [
        pixels(panel, layout.image, time.ends, band)
        for panel, time, band in zip(panels, times, bands, strict=True)
    ]
    scale = color_scale(images, [panel.frontend for panel in panels], style.dynamic_range, style.levels)
    drawing = _Drawing(figure, layout, scale, style)
    if title is not None:
        drawing.write_title(title, layout.px(30), layout.px(60), 11)
    loudest = max(panel.peak for panel in panels)
    for index, (panel, time, band) in enumerate(zip(panels, times, bands, strict=True)):
        last = index == len(panels) - 1
        axes = drawing.spectrogram(index, time, band, panel.note)
        if last or times[index + 1].label != time.label:
            axes.set_xlabel(time.label, fontsize=8 * layout.text, color=FAINT, labelpad=5 * layout.text)
            axes.xaxis.label.set_fontfamily(families(""))
        if panel.num_samples == 1:
            axes.set_xticks([])
        elif panel.has_wave:
            drawing.wave(index, panel, time, panel.peak if style.levels == "own" else loudest)
        tracks[index].draw(axes, layout.track, layout.text)
        drawing.head(index, panel)
    if not all(panel.note for panel in panels):
        drawing.color_bar()
    return figure


def _check(panels: Sequence[Panel], style: Style) -> None:
    if not panels:
        raise SonogramError("a picture needs at least one panel; got none")
    if len(panels) > MAX_PANELS:
        raise SonogramError(
            f"one picture has at most {MAX_PANELS} panels; got {len(panels)}: draw several pictures"
        )
    units = sorted({panel.frontend.unit for panel in panels})
    if len(units) > 1 and style.levels != "own":
        raise SonogramError(
            f"panels with a shared color scale need one unit; got {', '.join(units)}: draw them separately, "
            'or with Style(levels="own")'
        )


def _times(panels: Sequence[Panel], view: View) -> list[Axis]:
    longest = max(panel.span[1] - panel.span[0] for panel in panels)
    ends = [
        (start, start + longest if view.shared_time else stop) for start, stop in (p.span for p in panels)
    ]
    return [time_axis(*each, panel.began) for each, panel in zip(ends, panels, strict=True)]


class _Drawing:
    """A picture while it is drawn."""

    def __init__(self, figure: Picture, layout: Layout, scale: ColorScale, style: Style) -> None:
        self._figure, self._layout, self._scale = figure, layout, scale
        self._colors = style.map_name(signed=scale.signed)

    def spectrogram(self, index: int, time: Axis, band: BandAxis, note: str | None) -> Axes:
        """Draw the spectrogram of a panel, with its axes; or a note in its place."""
        from matplotlib.patches import Rectangle

        from sonogram.picture.locators import set_axis
        from sonogram.picture.pixel_image import add_image

        layout = self._layout
        width, height = layout.image
        top = layout.image_top(index)
        axes: Axes = self._figure.add_axes(
            layout.box(layout.left, top, width, height), label=f"spectrogram {index}"
        )
        axes.set_facecolor(BLANK)
        # The frame is a gray box below the image, a pixel larger on each side: it hides nothing.
        left, bottom, wide, high = layout.box(layout.left - 1, top - 1, width + 2, height + 2)
        frame = Rectangle((left, bottom), wide, high, color=FAINT, linewidth=0, antialiased=False)
        self._figure.add_artist(frame).set_zorder(-1)
        if note is None:
            add_image(axes, self._scale, index, self._colors, time, band)
        else:
            size, family = 9.5 * layout.text, families(note)
            axes.text(
                0.5,
                0.5,
                note,
                transform=axes.transAxes,
                ha="center",
                va="center",
                fontsize=size,
                family=family,
            )
        set_ticks(axes, layout.text)
        set_axis(axes, "x", time, 7.5 * layout.text)
        set_axis(axes, "y", band, 7.5 * layout.text)
        axes.set_ylabel(band.label, fontsize=8 * layout.text, color=FAINT, family=families(""))
        # The labels of all panels are aligned, however wide their ticks are.
        axes.yaxis.set_label_coords(-layout.px(92) / width, 0.5)
        return axes

    def wave(self, index: int, panel: Panel, time: Axis, loudest: float) -> None:
        """Draw the waveform of a panel."""
        from matplotlib import colormaps

        from sonogram.picture.locators import set_axis

        layout, envelope, width = self._layout, panel.envelope, self._layout.image[0]
        assert envelope is not None
        assert envelope.lowest is not None
        assert envelope.highest is not None
        top = layout.panel_top(index) + layout.title
        axes = self._figure.add_axes(layout.box(layout.left, top, width, layout.wave), label=f"wave {index}")
        seconds = np.linspace(*time.ends, width + 1)
        columns = panel.wave_columns(seconds)
        low, high = pool(envelope.lowest, columns, np.minimum), pool(envelope.highest, columns)
        # With less than one sample in a pixel, neighbors are connected: the line would have gaps otherwise.
        low, high = (
            np.fmin(low, np.append(high[1:], high[-1])),
            np.fmax(high, np.append(low[1:], low[-1])),
        )
        shade = {"gray_r": 0.7, "RdBu_r": 0.05}.get(self._colors, 0.35)
        axes.fill_between(
            (seconds[:-1] + seconds[1:]) / 2, low, high, color=colormaps[self._colors](shade), linewidth=0.5
        )
        bound = 1.08 * loudest if loudest > 0 else 1.0
        set_axis(axes, "x", time, 7.5 * layout.text)
        axes.set_ylim(-bound, bound)
        set_ticks(axes, layout.text)
        axes.set_xticks([])
        tick = round_below(0.75 * bound)
        axes.set_yticks([-tick, 0, tick], [f"\N{MINUS SIGN}{tick:g}", "0", f"{tick:g}"], family=families(""))
        axes.tick_params(labelsize=6.5 * layout.text)

    def head(self, index: int, panel: Panel) -> None:
        """Write the title of a panel, and the definition at the right end of the line where it has space."""
        layout, frontend = self._layout, panel.frontend
        top = layout.panel_top(index) - layout.px(8)
        length, step = (
            1000 * size / frontend.sample_rate for size in (frontend.frame_length, frontend.frame_step)
        )
        rate = f"{frontend.sample_rate:,} Hz".replace(",", "\N{THIN SPACE}")
        caption = self._figure.text(
            1 - layout.right / layout.width,
            1 - (top + layout.title / 2) / layout.height,
            f"{rate}, window {float(f'{length:.3g}'):g} ms, step {float(f'{step:.2g}'):g} ms",
            family=families(""),
            fontsize=7 * layout.text,
            color=FAINT,
            ha="right",
            va="center",
        )
        taken = width_of(caption) + layout.px(30)
        if taken > 0.6 * layout.image[0]:
            caption.remove()
            taken = 0
        if panel.title:
            self.write_title(panel.title, top, layout.title, 9.5, taken)

    def write_title(self, title: str, top: int, height: int, size: float, taken: float = 0) -> None:
        """Write a title, shortened to the space left of what is taken."""
        layout = self._layout
        text = self._figure.text(
            layout.left / layout.width,
            1 - (top + height / 2) / layout.height,
            printable(title),
            family=families(title),
            fontsize=size * layout.text,
            fontweight="normal",
            color=INK,
            ha="left",
            va="center",
            parse_math=False,
        )
        fit(text, layout.image[0] - taken)

    def color_bar(self) -> None:
        """Draw the color bar; in a tall stack it takes the middle part."""
        layout = self._layout
        top = layout.image_top(0)
        bottom = layout.image_top(len(self._scale.images) - 1) + layout.image[1]
        height = min(bottom - top, layout.px(2000))
        left = layout.width - layout.right + layout.px(30)
        box = layout.box(left, (top + bottom - height) // 2, layout.px(26), height)
        color_bar(self._figure, box, height, self._scale, self._colors, layout.text)
