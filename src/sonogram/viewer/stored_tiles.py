"""Tiles written into a page, for definitions that its engine does not compute."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.viewer.compact import packed
from sonogram.viewer.pyramid import Pyramid, tile_columns
from sonogram.viewer.recording import MIX

__all__ = ["stored_tiles"]

_EXACT_VALUES = 3 << 19
"""Features of a recording that are written as float32; more of them as 16-bit steps."""
_NAN, _SILENCE, _CODES = 65535, 65534, 65533


def stored_tiles(name: str, pyramid: Pyramid) -> list[dict[str, Any]]:
    """Return all tiles of a definition, `name`, as JSON."""
    exact = pyramid.num_frames * pyramid.frontend.num_bands <= _EXACT_VALUES
    scale = None if exact else _scale(pyramid)
    found = []
    for level in range(pyramid.num_levels):
        columns = -(-pyramid.num_frames // (1 << level))
        for index in range(-(-columns // tile_columns(pyramid.frontend))):
            values = pyramid.tile(level, index).values
            tile = {"def": name, "channel": MIX, "level": level, "index": index}
            tile |= {"bands": values.shape[0], "columns": values.shape[1]}
            if scale is None:
                tile |= {"type": "float32", "data": packed(values.astype("<f4").tobytes())}
            else:
                codes = _codes(values, *scale).astype("<u2")
                tile |= {"low": scale[0], "step": scale[1], "data": packed(codes.tobytes())}
            found.append(tile)
    return found


def _scale(pyramid: Pyramid) -> tuple[float, float]:
    """Return the lowest finite value and the step of the codes, over all tiles."""
    lowest, highest = np.inf, -np.inf
    for index in range(-(-pyramid.num_frames // tile_columns(pyramid.frontend))):
        values = pyramid.tile(0, index).values
        finite = values[np.isfinite(values)]
        if len(finite):
            lowest, highest = min(lowest, float(finite.min())), max(highest, float(finite.max()))
    if lowest > highest:
        return 0.0, 1.0
    return lowest, (highest - lowest) / _CODES or 1.0


def _codes(values: NDArray[np.float32], low: float, step: float) -> NDArray[np.uint16]:
    with np.errstate(invalid="ignore"):
        codes = np.round((values.astype(np.float64) - low) / step).clip(0, _CODES)
    codes[np.isnan(values)], codes[values == -np.inf] = _NAN, _SILENCE
    return codes.astype(np.uint16)
