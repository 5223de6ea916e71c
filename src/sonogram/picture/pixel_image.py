"""The image of the features. It imports Matplotlib."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from sonogram.picture.axes import Axis, BandAxis
from sonogram.picture.color_scale import ColorScale

__all__ = ["PixelImage", "add_image"]


class PixelImage(AxesImage):
    """Image that is copied, not resampled, where it has as many pixels as its place in the picture.

    Matplotlib would resample the values and their mask: half of the time of drawing, for the same pixels.
    """

    def make_image(self, renderer: Any, magnification: float = 1.0, unsampled: bool = False) -> Any:
        """Return the colors, the place of their left bottom corner, and a transform that is not used."""
        left, bottom, right, top = (round(magnification * end) for end in self.get_window_extent().extents)
        values = self.get_array()
        if unsampled or values is None or values.shape != (top - bottom, right - left):
            return super().make_image(renderer, magnification, unsampled)
        colors = self.to_rgba(values, bytes=True)
        return colors, left / magnification, bottom / magnification, None


def add_image(
    axes: Axes, scale: ColorScale, index: int, colors: str, time: Axis, band: BandAxis
) -> AxesImage:
    """Draw the pixels of one image between the ends of two axes."""
    low, high = (float(place) for place in band.scale.position(np.array(band.ends)))
    extent = (*time.ends, low, high)
    image = PixelImage(axes, cmap=colors, interpolation="nearest", origin="lower", extent=extent)
    image.set_data(np.ma.masked_invalid(np.maximum(scale.images[index], scale.low - 1)))
    image.set_clim(scale.low, scale.high)
    # The pixels are already at their places along the axis: only its limits apply, not its scale.
    image.set_transform(axes.transLimits + axes.transAxes)
    image.set_clip_path(axes.patch)
    axes.add_image(image)
    return image
