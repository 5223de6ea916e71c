"""The figure that all functions of this package return. It imports Matplotlib."""

from __future__ import annotations

import io
import os
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sonogram.picture.write import write

__all__ = ["Picture"]


class Picture(Figure):
    """Matplotlib figure of a fixed size that a notebook displays. No window and no global state hold it.

    Args:
        width: Pixels.
        height: Pixels.
        dpi: Pixels per inch.
    """

    part: str = ""
    """Which part of a folder a page shows, such as "page 2 of 3, 101 to 200 of 260"."""
    pages: int = 1
    """Number of pages of the folder."""

    def __init__(self, width: int, height: int, dpi: int) -> None:
        super().__init__(figsize=(width / dpi, height / dpi), dpi=dpi, facecolor="white")
        self.size = width, height
        FigureCanvasAgg(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture as PNG; see `sonogram.picture.write`."""
        write(self, path)

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        """Return what Jupyter displays: the pixels, at half the size, which dense screens fill."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi="figure")
        return buffer.getvalue(), {"width": self.size[0] // 2, "height": self.size[1] // 2}
