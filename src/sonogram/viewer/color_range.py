"""The range of the colors of a recording, by the rule of the pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from sonogram.picture.color_scale import color_scale
from sonogram.viewer.pyramid import Pyramid

__all__ = ["color_range"]


def color_range(pyramid: Pyramid) -> dict[str, Any]:
    """Return the range of the colors for a recording, by the rule of the pictures."""
    tile = pyramid.tile(pyramid.num_levels - 1, 0)
    values = tile.values
    scale = color_scale([values], [pyramid.frontend])
    finite = values[np.isfinite(values)]
    return {
        "low": scale.low,
        "high": scale.high,
        "peak": float(finite.max()) if len(finite) else None,
        "label": scale.label,
        "complete": tile.complete,
    }
