"""Pictures of panels: one below the other, each a waveform over its spectrogram, with one color bar.

Everything is placed in whole pixels, and features are pooled to exactly the pixels of their axes: Matplotlib
copies the image and never resamples it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.picture.axes import Axis, frequency_axis, round_below, time_axis
from sonogram.picture.color_scale import ColorScale, color_scale
from sonogram.picture.panel import Panel, clip_panels
from sonogram.picture.reduce import pool
from sonogram.picture.style import BLANK, FAINT, INK, Layout, Style
from sonogram.picture.text import families, fit, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sonogram.picture.canvas import Picture

__all__ = ["MAX_PANELS", "color_bar", "draw", "pixels", "stack"]

Floats = NDArray[np.float32]

MAX_PANELS = 64
"""Largest number of panels of one picture."""

_CAPTION = 560  # pixels reserved for it to the right of the title


def draw(
    features: Any,
    frontend: Frontend,
    *,
    samples: Any = None,
    title: str | None = None,
    style: Style | None = None,
) -> Picture:
    """Return a picture of the features of one clip; a notebook displays it.

    Args:
        features: `(frames, bands)`, or `(channels, frames, bands)`: one panel for each channel.
        frontend: The definition of the features. It determines the axes and the unit.
        samples: The clip, `(samples,)` or `(channels, samples)`, to draw its waveform above the
            features; None draws none.
        title: Text above the picture.
        style: Colors and dynamic range; None uses the defaults.

    Returns:
        A Matplotlib figure, which no window and no global state hold.

    Raises:
        SonogramError: There is no frame, or shapes do not fit.

    Example:
        >>> frontend = sg.Frontend(16000, 512, 128)
        >>> figure = draw(np.ones((100, 257)), frontend, title="a flat spectrum")
        >>> figure.axes[0].get_xlabel()
        'time (s)'

    See Also:
        `save`, which writes a file; `sonogram.show`, which reads sound files.
    """
    return stack(clip_panels(features, frontend, samples, title), style=style)


def stack(panels: Sequence[Panel], *, title: str | None = None, style: Style | None = None) -> Picture:
    """Return a picture of panels one below the other, with a shared color scale.

    Args:
        panels: At least one; their features have one unit.
        title: Text above all panels; each panel also has its own title.
        style: Colors and dynamic range; None uses the defaults.

    Returns:
        A Matplotlib figure, which no window and no global state hold.

    Raises:
        SonogramError: There is no panel, there are too many, or their units differ.

    See Also:
        `clip_panel` and `file_panels`, which make panels; `sheet`, for many recordings.
    """
    from sonogram.picture.canvas import Picture

    style = style or Style()
    _check(panels)
    layout = Layout(len(panels), title is not None, any(panel.has_wave for panel in panels))
    figure = Picture(layout.width, layout.height)
    times = [time_axis(*panel.span, count=10) for panel in panels]
    bands = [frequency_axis(panel.frontend, count=layout.image[1] // 55) for panel in panels]
    images = [
        pixels(panel, layout.image, time.ends, band.ends)
        for panel, time, band in zip(panels, times, bands, strict=True)
    ]
    scale = color_scale(images, [panel.frontend for panel in panels], style.dynamic_range)
    if title is not None:
        _write_title(figure, layout, title, layout.top - 6, layout.heading, size=11)
    loudest = max(map(_loudest, panels))
    for index, (panel, time, band) in enumerate(zip(panels, times, bands, strict=True)):
        axes = _spectrogram(figure, layout, index, time, band, scale, style)
        if panel.has_wave:
            _wave(figure, layout, index, panel, time, loudest, style)
        if panel.title:
            _write_title(figure, layout, panel.title, layout.panel_top(index) - 8, layout.title, size=9.5)
        _write_caption(figure, layout, panel.frontend, layout.panel_top(index) - 8)
        if index == len(panels) - 1 or times[index + 1].label != time.label:
            axes.set_xlabel(time.label, fontsize=8, color=FAINT, labelpad=5, family=families(""))
    _color_bar(figure, layout, scale, style)
    return figure


def pixels(
    panel: Panel, size: tuple[int, int], seconds: tuple[float, float], bands: tuple[float, float]
) -> Floats:
    """Return the features of a panel between the ends of two axes, pooled to `(height, width)` pixels."""
    width, height = size
    by_time = pool(panel.features, panel.columns(np.linspace(*seconds, width + 1)))
    return pool(np.ascontiguousarray(by_time.T), np.linspace(*bands, height + 1))


def _check(panels: Sequence[Panel]) -> None:
    if not panels:
        raise SonogramError("a picture needs at least one panel; got none")
    if len(panels) > MAX_PANELS:
        raise SonogramError(
            f"one picture has at most {MAX_PANELS} panels; got {len(panels)}: draw several pictures"
        )
    units = sorted({panel.frontend.unit for panel in panels})
    if len(units) > 1:
        raise SonogramError(
            f"panels with a shared color scale need one unit; got {', '.join(units)}: draw them separately"
        )


def _spectrogram(
    figure: Figure, layout: Layout, index: int, time: Axis, band: Axis, scale: ColorScale, style: Style
) -> Axes:
    from matplotlib.patches import Rectangle

    width, height = layout.image
    top = layout.panel_top(index) + layout.title + layout.strip
    axes: Axes = figure.add_axes(layout.box(layout.left, top, width, height), label=f"spectrogram {index}")
    axes.set_facecolor(BLANK)
    # The frame is a gray box below the image, a pixel larger on each side: it hides nothing.
    left, bottom, wide, high = layout.box(layout.left - 1, top - 1, width + 2, height + 2)
    frame = Rectangle((left, bottom), wide, high, color=FAINT, linewidth=0, antialiased=False)
    figure.add_artist(frame).set_zorder(-1)
    axes.imshow(
        np.ma.masked_invalid(np.maximum(scale.images[index], scale.low - 1)),
        cmap=style.map_name,
        vmin=scale.low,
        vmax=scale.high,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        extent=(*time.ends, *band.ends),
    )
    _dress(axes)
    axes.set_xticks(time.ticks, time.names, family=families(""))
    axes.set_yticks(band.ticks, band.names, family=families(""))
    axes.set_xlim(*time.ends)
    axes.set_ylim(*band.ends)
    axes.set_ylabel(band.label, fontsize=8, color=FAINT, family=families(""))
    # The labels of all panels are aligned, however wide their ticks are.
    axes.yaxis.set_label_coords(-92 / width, 0.5)
    return axes


def _wave(
    figure: Figure,
    layout: Layout,
    index: int,
    panel: Panel,
    time: Axis,
    loudest: float,
    style: Style,
) -> None:
    from matplotlib import colormaps

    envelope, width = panel.envelope, layout.image[0]
    assert envelope is not None
    assert envelope.lowest is not None
    assert envelope.highest is not None
    top = layout.panel_top(index) + layout.title
    height = layout.strip - layout.gap
    axes = figure.add_axes(layout.box(layout.left, top, width, height), label=f"wave {index}")
    seconds = np.linspace(*time.ends, width + 1)
    columns = seconds * panel.frontend.sample_rate / envelope.samples_per_column
    low, high = pool(envelope.lowest, columns, np.minimum), pool(envelope.highest, columns)
    # With less than one sample in a pixel, neighbors are connected: the line would have gaps otherwise.
    low, high = (
        np.minimum(low, np.append(high[1:], high[-1])),
        np.maximum(high, np.append(low[1:], low[-1])),
    )
    color = colormaps[style.map_name](0.35 if style.map_name != "gray_r" else 0.7)
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


def _color_bar(figure: Figure, layout: Layout, scale: ColorScale, style: Style) -> None:
    top = layout.panel_top(0) + layout.title + layout.strip
    bottom = layout.panel_top(layout.panels - 1) + layout.panel - layout.below
    # In a tall stack the bar takes the middle part.
    height = min(bottom - top, 2000)
    box = layout.box(layout.width - layout.right + 30, (top + bottom - height) // 2, 26, height)
    color_bar(figure, box, height, scale, style)


def color_bar(
    figure: Figure, box: tuple[float, float, float, float], height: int, scale: ColorScale, style: Style
) -> None:
    """Draw the color bar.

    Args:
        figure: The picture.
        box: Left, bottom, width and height, as fractions of the picture.
        height: Height in pixels.
        scale: What the colors mean.
        style: The color map.
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
        ScalarMappable(Normalize(scale.low, scale.high), style.map_name),
        cax=axes,
        extend=extend[scale.clipped],
        extendfrac=12 / height,
    )
    _dress(axes)
    ticks = _bar_ticks(scale)
    bar.set_ticks(ticks, labels=[f"{tick:g}".replace("-", "\N{MINUS SIGN}") for tick in ticks])
    axes.minorticks_off()
    bar.set_label(scale.label, fontsize=8, color=FAINT, labelpad=6, family=families(""))


def _bar_ticks(scale: ColorScale) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    steps = [1, 2, 5, 10]
    ticks = MaxNLocator(nbins=9, steps=steps).tick_values(scale.low, scale.high)
    slack = 1e-9 * (scale.high - scale.low)
    return [float(f"{tick:.10g}") for tick in ticks if scale.low - slack <= tick <= scale.high + slack]


def _write_title(figure: Figure, layout: Layout, title: str, top: int, height: int, *, size: float) -> None:
    text = figure.text(
        layout.left / layout.width,
        1 - (top + height / 2) / layout.height,
        printable(title),
        family=families(title),
        fontsize=size,
        fontweight="normal",
        color=INK,
        ha="left",
        va="center",
        parse_math=False,
    )
    fit(text, layout.width - layout.left - layout.right - _CAPTION)


def _write_caption(figure: Figure, layout: Layout, frontend: Frontend, top: int) -> None:
    """Write sample rate, window and step, small, at the right end of the title line."""
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
        color=FAINT,
        ha="right",
        va="center",
    )


def _dress(axes: Axes) -> None:
    axes.spines[:].set_visible(False)
    axes.tick_params(length=3, width=0.5, color=FAINT, labelcolor=INK, labelsize=7.5, pad=3)


def _loudest(panel: Panel) -> float:
    envelope = panel.envelope
    if envelope is None or envelope.lowest is None or envelope.highest is None:
        return 0.0
    return float(max(abs(envelope.lowest.min(initial=0)), abs(envelope.highest.max(initial=0))))
