"""A definition as bytes: an attribute of a TensorFlow op, so that a graph is complete by itself."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sonogram.engines.native import lower
from sonogram.engines.native.tail import TABLES, tail
from sonogram.engines.plan import Plan
from sonogram.native.library import ABI
from sonogram.padding import Same

__all__ = ["framing", "pack"]

_MAGIC = int.from_bytes(b"sonogram", "little")


@lru_cache(maxsize=256)
def pack(plan: Plan) -> bytes:
    """Return the definition, its framing, window, nonzero band weights and tail; packed.cpp reads them."""
    if plan.kernels is not None:
        raise NotImplementedError("the native op has no ConstantQ")
    definition, arrays = lower.definition(plan, "features")
    # Addresses are valid only in this process.
    definition.window = definition.bands = definition.tail = None
    bands = np.zeros(0) if plan.bands is None else plan.bands.ravel()
    indices = np.flatnonzero(bands)
    head = np.array([_MAGIC, ABI], np.int64).tobytes() + bytes(definition)
    frames = np.array(list(framing(plan).values()), np.int64)
    parts = (frames, arrays[0], np.array([len(indices)]), indices.astype(np.int64), bands[indices])
    return head + b"".join(part.tobytes() for part in parts) + _pack_tail(plan)


def _pack_tail(plan: Plan) -> bytes:
    """Return whether there is a tail, its struct, and its tables with their sizes."""
    lowered = tail(plan) if lower.covers_definition(plan) else None
    if lowered is None:
        return np.int64(0).tobytes()
    struct, tables = lowered
    parts = [np.int64(1).tobytes(), b""]
    for name in TABLES:
        table = tables.get(name, np.zeros(0))
        parts += [np.int64(table.size).tobytes(), table.tobytes()]
        setattr(struct, name, None)
    parts[1] = bytes(struct)
    return b"".join(parts)


def framing(plan: Plan) -> dict[str, int]:
    """Return the fields of the struct `Framing` of packed.h, in order."""
    rule = plan.definition.padding
    if rule.depends_on_length and not isinstance(rule, Same):
        raise NotImplementedError(f"the native op has no {type(rule).__name__}")
    return {
        "dropped": plan.definition.conditioning.dropped,
        "added": rule.added(plan.span, plan.frame_step),
        "zero_last": int(rule.last_frame == "zero"),
        "splits": int(rule.depends_on_length),
        "pad_left": 0 if rule.depends_on_length else int(plan.pad_left(0)),
        "frame_span": plan.span,
        "window_offset": plan.window_offset,
    }
