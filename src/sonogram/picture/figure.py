"""The picture: panels one above the other, each a wave over its spectrogram, beside one color bar.

Everything is placed in whole pixels, and features are pooled to exactly the pixels that they are
given: what Matplotlib draws is a copy, not a resampled image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.picture.axes import Axis, frequency_axis, round_below, time_axis
from sonogram.picture.layout import DPI, Layout
from sonogram.picture.levels import Levels, levels
from sonogram.picture.look import Look
from sonogram.picture.panel import Outline, Panel, clip_panels
from sonogram.picture.reduce import pool
from sonogram.picture.text import families, fit, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MAX_PANELS", "color_bar", "draw", "stack"]

Floats = NDArray[np.float32]

MAX_PANELS = 64
"""Panels of one picture: more could not be seen on any screen."""

_CAPTION = 560  # pixels kept free for it beside the title
_INK, _FAINT, _BLANK = "#1c1c24", "#6b6b78", "#f1f1f4"


def draw(
    features: Any,
    frontend: Frontend,
    *,
    samples: Any = None,
    title: str | None = None,
    look: Look | None = None,
) -> Figure:
    """Draw the features of one clip.

    Args:
        features: `(frames, bands)`, or `(channels, frames, bands)`: one panel for each channel.
        frontend: The definition that made them: it knows the axes and the unit.
        samples: The clip, `(samples,)` or `(channels, samples)`: its wave is drawn above; None
            draws none.
        title: What stands above.
        look: Colors and range; None takes the defaults.

    Returns:
        A Matplotlib figure that no window shows and no global state holds; a notebook displays it.

    Raises:
        SonogramError: There is nothing to draw, or shapes do not fit.

    Example:
        >>> frontend = sg.Frontend(16000, 512, 128)
        >>> figure = draw(np.ones((100, 257)), frontend, title="a flat spectrum")
        >>> figure.axes[0].get_xlabel()
        'time (s)'
    """
    return stack(clip_panels(features, frontend, samples, title), look=look)


def stack(panels: Sequence[Panel], *, title: str | None = None, look: Look | None = None) -> Figure:
    """Draw panels one above the other, on one level: equal colors are equal values.

    Args:
        panels: At least one; their features have one unit.
        title: What stands above all; each panel has its own title besides.
        look: Colors and range; None takes the defaults.

    Returns:
        A Matplotlib figure that no window shows and no global state holds.

    Raises:
        SonogramError: There is no panel, there are too many, or their units differ.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    look = look or Look()
    _check(panels)
    layout = Layout(
        len(panels),
        headed=title is not None,
        waved=any(panel.outline is not None for panel in panels),
    )
    figure = Figure(figsize=(layout.width / DPI, layout.height / DPI), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    times = [time_axis(*panel.span, count=10) for panel in panels]
    rows = [frequency_axis(panel.frontend, count=layout.image[1] // 55) for panel in panels]
    images = [
        _pixels(panel, time, row, layout.image) for panel, time, row in zip(panels, times, rows, strict=True)
    ]
    level = levels(images, [panel.frontend for panel in panels], look.decibels)
    loudest = max((_loudest(panel.outline) for panel in panels if panel.outline), default=0.0)
    if title is not None:
        _write_title(figure, layout, title, layout.top - 6, layout.heading, size=11)
    for index, (panel, time, row) in enumerate(zip(panels, times, rows, strict=True)):
        axes = _spectrogram(figure, layout, index, time, row, level, look)
        if panel.outline is not None:
            _wave(figure, layout, index, panel, time, loudest, look)
        if panel.title:
            _write_title(figure, layout, panel.title, layout.panel_top(index) - 8, layout.title, size=9.5)
        _write_caption(figure, layout, panel.frontend, layout.panel_top(index) - 8)
        if index == len(panels) - 1 or times[index + 1].label != time.label:
            axes.set_xlabel(time.label, fontsize=8, color=_FAINT, labelpad=5, family=families(""))
    _color_bar(figure, layout, level, look)
    return figure


def _check(panels: Sequence[Panel]) -> None:
    if not panels:
        raise SonogramError("a picture needs at least one panel")
    if len(panels) > MAX_PANELS:
        raise SonogramError(
            f"one picture stacks at most {MAX_PANELS} panels; got {len(panels)}: draw several"
        )
    units = sorted({panel.frontend.unit for panel in panels})
    if len(units) > 1:
        raise SonogramError(f"panels on one level need one unit; got {', '.join(units)}: draw them apart")


def _pixels(panel: Panel, time: Axis, row: Axis, size: tuple[int, int]) -> Floats:
    """The features pooled to pixels, `(height, width)`, low bands first."""
    width, height = size
    seconds = np.linspace(*time.ends, width + 1)
    columns = (seconds - panel.start) / (panel.step * panel.frames_per_column)
    by_time = pool(panel.features, columns)
    return pool(np.ascontiguousarray(by_time.T), np.linspace(*row.ends, height + 1))


def _spectrogram(
    figure: Figure, layout: Layout, index: int, time: Axis, row: Axis, level: Levels, look: Look
) -> Axes:
    from matplotlib.patches import Rectangle

    width, height = layout.image
    top = layout.panel_top(index) + layout.title + layout.strip
    axes: Axes = figure.add_axes(layout.box(layout.left, top, width, height), label=f"spectrogram {index}")
    axes.set_facecolor(_BLANK)
    # The frame is a gray box behind, a pixel larger on each side: it hides nothing.
    left, bottom, wide, high = layout.box(layout.left - 1, top - 1, width + 2, height + 2)
    frame = Rectangle((left, bottom), wide, high, color=_FAINT, linewidth=0, antialiased=False)
    figure.add_artist(frame).set_zorder(-1)
    axes.imshow(
        np.ma.masked_invalid(np.maximum(level.images[index], level.low - 1)),
        cmap=look.map_name,
        vmin=level.low,
        vmax=level.high,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        extent=(*time.ends, *row.ends),
    )
    _dress(axes)
    axes.set_xticks(time.ticks, time.names, family=families(""))
    axes.set_yticks(row.ticks, row.names, family=families(""))
    axes.set_xlim(*time.ends)
    axes.set_ylim(*row.ends)
    axes.set_ylabel(row.label, fontsize=8, color=_FAINT, family=families(""))
    # One line for the labels of all panels, however wide their ticks are.
    axes.yaxis.set_label_coords(-92 / width, 0.5)
    return axes


def _wave(
    figure: Figure,
    layout: Layout,
    index: int,
    panel: Panel,
    time: Axis,
    loudest: float,
    look: Look,
) -> None:
    from matplotlib import colormaps

    assert panel.outline is not None
    outline, width = panel.outline, layout.image[0]
    top = layout.panel_top(index) + layout.title
    height = layout.strip - layout.gap
    axes = figure.add_axes(layout.box(layout.left, top, width, height), label=f"wave {index}")
    seconds = np.linspace(*time.ends, width + 1)
    columns = seconds * panel.frontend.sample_rate / outline.samples_per_column
    low, high = pool(outline.lowest, columns, np.minimum), pool(outline.highest, columns)
    # Where a pixel holds less than one sample neighbors are joined, or a line would fall apart.
    low, high = (
        np.minimum(low, np.append(high[1:], high[-1])),
        np.maximum(high, np.append(low[1:], low[-1])),
    )
    color = colormaps[look.map_name](0.35 if look.map_name != "gray_r" else 0.7)
    axes.fill_between(
        (seconds[:-1] + seconds[1:]) / 2, low, high, color=color, linewidth=0.5, antialiased=True
    )
    bound = 1.08 * loudest if loudest > 0 else 1.0
    axes.set_xlim(*time.ends)
    axes.set_ylim(-bound, bound)
    _dress(axes)
    axes.set_xticks([])
    tick = round_below(0.75 * bound)
    axes.set_yticks([-tick, 0, tick], [f"\N{MINUS SIGN}{tick:g}", "0", f"{tick:g}"], family=families(""))
    axes.tick_params(labelsize=6.5)


def _color_bar(figure: Figure, layout: Layout, level: Levels, look: Look) -> None:
    top = layout.panel_top(0) + layout.title + layout.strip
    bottom = layout.panel_top(layout.panels - 1) + layout.panel - layout.below
    # Of a high stack the bar takes the middle: it is read, not measured.
    height = min(bottom - top, 2000)
    box = layout.box(layout.width - layout.right + 30, (top + bottom - height) // 2, 26, height)
    color_bar(figure, box, height, level, look)


def color_bar(
    figure: Figure, box: tuple[float, float, float, float], height: int, level: Levels, look: Look
) -> None:
    """Draw the color bar.

    Args:
        figure: The picture.
        box: Its place: left, bottom, width and height as parts of the picture.
        height: Its height, pixels.
        level: What the colors mean.
        look: The colors.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    axes = figure.add_axes(box, label="color bar")
    extend = {
        (False, False): "neither",
        (True, False): "min",
        (False, True): "max",
        (True, True): "both",
    }
    bar = figure.colorbar(
        ScalarMappable(Normalize(level.low, level.high), look.map_name),
        cax=axes,
        extend=extend[level.cut],
        extendfrac=12 / height,
    )
    _dress(axes)
    ticks = _bar_ticks(level)
    bar.set_ticks(ticks, labels=[f"{tick:g}".replace("-", "\N{MINUS SIGN}") for tick in ticks])
    axes.minorticks_off()
    bar.set_label(level.label, fontsize=8, color=_FAINT, labelpad=6, family=families(""))


def _bar_ticks(level: Levels) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    steps = [1, 2, 5, 10]
    ticks = MaxNLocator(nbins=9, steps=steps).tick_values(level.low, level.high)
    slack = 1e-9 * (level.high - level.low)
    return [float(f"{tick:.10g}") for tick in ticks if level.low - slack <= tick <= level.high + slack]


def _write_title(figure: Figure, layout: Layout, title: str, top: int, height: int, *, size: float) -> None:
    text = figure.text(
        layout.left / layout.width,
        1 - (top + height / 2) / layout.height,
        printable(title),
        family=families(title),
        fontsize=size,
        fontweight="normal",
        color=_INK,
        ha="left",
        va="center",
        parse_math=False,
    )
    fit(text, layout.width - layout.left - layout.right - _CAPTION)


def _write_caption(figure: Figure, layout: Layout, frontend: Frontend, top: int) -> None:
    """How the sound was looked at, small, at the right end of the line of the title."""
    length, step = (
        1000 * size / frontend.sample_rate for size in (frontend.frame_length, frontend.frame_step)
    )
    figure.text(
        1 - layout.right / layout.width,
        1 - (top + layout.title / 2) / layout.height,
        f"{frontend.sample_rate:,} Hz, window {length:.3g} ms, step {step:.2g} ms".replace(
            ",", "\N{THIN SPACE}", 1
        ),
        family=families(""),
        fontsize=7,
        color=_FAINT,
        ha="right",
        va="center",
    )


def _dress(axes: Axes) -> None:
    axes.spines[:].set_visible(False)
    axes.tick_params(length=3, width=0.5, color=_FAINT, labelcolor=_INK, labelsize=7.5, pad=3)


def _loudest(outline: Outline) -> float:
    return float(max(abs(outline.lowest.min()), abs(outline.highest.max())))
