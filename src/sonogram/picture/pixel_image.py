"""The image of the features. It imports Matplotlib."""

from __future__ import annotations

from typing import Any

from matplotlib.image import AxesImage

__all__ = ["PixelImage"]


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
