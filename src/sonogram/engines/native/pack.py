"""A plan as bytes: what an op of TensorFlow carries in its node, so that a graph is whole by itself."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sonogram.engines.native import lower
from sonogram.engines.plan import Plan
from sonogram.native.library import ABI
from sonogram.padding import Same

__all__ = ["packed"]

_MAGIC = int.from_bytes(b"sonogram", "little")


@lru_cache(maxsize=256)
def packed(plan: Plan) -> bytes:
    """Return the definition, the framing, the window and the bands that are not 0; read by packed.cpp."""
    definition, arrays = lower.definition(plan, "features")
    definition.window = definition.bands = None  # addresses mean nothing elsewhere
    bands = np.zeros(0) if plan.bands is None else plan.bands.ravel()
    places = np.flatnonzero(bands)
    head = np.array([_MAGIC, ABI], np.int64)
    parts = (arrays[0], np.array([len(places)]), places.astype(np.int64), bands[places])
    return b"".join(
        [head.tobytes(), bytes(definition), _framing(plan).tobytes(), *(part.tobytes() for part in parts)]
    )


def _framing(plan: Plan) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the struct `Framing` of packed.h."""
    rule, step = plan.definition.padding, plan.frame_step
    if rule.depends_on_length and not isinstance(rule, Same):
        raise NotImplementedError(f"the native op has no {type(rule).__name__}")
    added = rule.added(plan.span, step)
    left = 0 if rule.depends_on_length else plan.pad_left(0)
    dropped = plan.definition.conditioning.dropped
    blank, same = rule.last_frame == "zero", rule.depends_on_length
    return np.array([dropped, added, blank, same, left, plan.span, plan.window_offset], np.int64)
