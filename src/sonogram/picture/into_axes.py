"""Features in axes of a figure of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sonogram.picture.axes import band_axis, time_axis
from sonogram.picture.color_bar import extend_of
from sonogram.picture.color_scale import color_scale
from sonogram.picture.panel import Panel, pixels
from sonogram.picture.pixel_image import add_image
from sonogram.picture.style import Style, View
from sonogram.picture.text import dpi_of
from sonogram.picture.tracks import Tracks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

__all__ = ["draw_into"]

_FINER = 2
"""Pixels of the image for each pixel of the axes now: the figure may be saved larger, or at more dpi."""
_LEAST = 1000, 400
_TRACK = 1.5  # height of a row of labels, in heights of its text


def draw_into(ax: Axes, panel: Panel, style: Style, view: View) -> AxesImage:
    """Draw a panel into axes, with the font and the colors of the figure.

    Args:
        ax: The axes. Their limits, scales, ticks and labels are set.
        panel: The features.
        style: Colors and dynamic range; size and resolution are those of the figure.
        view: Frequency axis and limits.

    Returns:
        The image. Its label is the unit of the colors.
    """
    from matplotlib.font_manager import FontProperties

    from sonogram.picture.locators import set_axis

    time, band = time_axis(*panel.span, panel.began), band_axis(panel.frontend, view)
    size = max(_LEAST[0], round(_FINER * ax.bbox.width)), max(_LEAST[1], round(_FINER * ax.bbox.height))
    scale = color_scale([pixels(panel, size, time.ends, band)], [panel.frontend], style.dynamic_range)
    image = add_image(ax, scale, 0, style.map_name(signed=scale.signed), time, band)
    image.set_interpolation("auto")
    image.norm.extend = extend_of(scale)  # type: ignore[attr-defined] # color bars read it
    image.set_label(scale.label)
    for name, axis in (("x", time), ("y", band)):
        label = ax.xaxis.get_label() if name == "x" else ax.yaxis.get_label()
        ticks = (ax.xaxis if name == "x" else ax.yaxis).get_tick_params().get("labelsize", "medium")
        set_axis(ax, name, axis, FontProperties(size=ticks).get_size_in_points())
        label.set_text(axis.label)
    tracks = Tracks(panel.labels, panel.span)
    points = FontProperties(size=ax.xaxis.get_tick_params().get("labelsize", "medium")).get_size_in_points()
    tracks.draw(ax, round(_TRACK * points * dpi_of(ax) / 72), points / 7.5)
    if panel.title:
        ax.set_title(panel.title, pad=6 + tracks.rows * _TRACK * points)
    return image
