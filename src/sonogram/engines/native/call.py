"""Calls of the library: definitions lowered once, arguments that are filled in place."""

from __future__ import annotations

import ctypes
import threading
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sonogram.engines.native import lower, memory
from sonogram.engines.plan import Plan
from sonogram.native.library import Clips, isa, library
from sonogram.native.threads import default_threads, own_threads

__all__ = ["run", "run_frames"]

_DTYPES = {np.dtype(np.float32): 0, np.dtype(np.float64): 1, np.dtype(np.int16): 2}
_state = threading.local()  # the argument of a call, made once for each thread


class _Handle:
    """A definition lowered in the library; released with this object."""

    def __init__(self, plan: Plan, kind: lower.Kind, isa: str) -> None:
        self._library = library()
        definition, arrays = lower.definition(plan, kind)
        self.address = self._library.sonogram_create(ctypes.byref(definition), isa.encode())
        del arrays  # the library has copied what it needs
        if not self.address:
            raise MemoryError("the tables of this definition do not fit into memory")
        self.call = self._library.sonogram_run
        self.channels = lower.num_channels(plan, kind)

    def __del__(self) -> None:
        if getattr(self, "address", None):
            self._library.sonogram_destroy(self.address)


@lru_cache(maxsize=256)
def _handle(plan: Plan, kind: lower.Kind) -> _Handle:
    return _Handle(plan, kind, isa())


def _prepare(
    samples: NDArray[Any], num_frames: int, channels: int
) -> tuple[Clips, NDArray[Any], NDArray[np.float32]]:
    """Return the argument of a call, the samples it reads and the array it fills."""
    dtype = _DTYPES.get(samples.dtype)
    if dtype is None:
        samples, dtype = samples.astype(np.float32), 0
    width = samples.dtype.itemsize
    row, column = samples.strides
    if column != width or row % width or not samples.flags.aligned:
        samples = np.ascontiguousarray(samples)
        row = samples.strides[0]
    out = memory.empty((samples.shape[0], num_frames, channels))
    clips: Clips | None = getattr(_state, "clips", None)
    if clips is None:
        clips = _state.clips = Clips()
    clips.samples, clips.out = samples.ctypes.data, out.ctypes.data
    clips.count, clips.available = samples.shape
    clips.stride = row // width
    clips.num_frames = num_frames
    clips.dtype = dtype
    clips.threads = own_threads() or default_threads()
    return clips, samples, out


def _finish(handle: _Handle, clips: Clips) -> None:
    if handle.call(handle.address, clips):
        raise MemoryError("the native engine ran out of memory")


def run(
    plan: Plan,
    kind: Literal["features", "bins"],
    samples: NDArray[Any],
    lengths: NDArray[np.int64] | None = None,
) -> NDArray[np.float32]:
    """Return the channels, `(batch, frames, channels)`, of `(batch, samples)`; 0 beyond the valid frames."""
    handle = _handle(plan, kind)
    total = samples.shape[1]
    kept = plan.num_conditioned(total)
    num_frames = plan.num_frames(kept)
    clips, samples, out = _prepare(samples, num_frames, handle.channels)
    clips.base = clips.first_frame = 0
    clips.total = total
    clips.left = plan.pad_left(kept)
    clips.num_valid = num_frames if kind == "bins" else plan.num_valid_frames(kept)
    if lengths is None:
        clips.totals = clips.lefts = clips.num_valids = None
        _finish(handle, clips)
        return out
    totals = np.ascontiguousarray(lengths, np.int64)
    own = plan.num_conditioned(totals, np.maximum)
    lefts = np.broadcast_to(np.asarray(plan.pad_left(own), np.int64), own.shape).copy()
    valid = np.ascontiguousarray(plan.num_valid_frames(own, np.maximum), np.int64)
    clips.totals, clips.lefts, clips.num_valids = (each.ctypes.data for each in (totals, lefts, valid))
    _finish(handle, clips)
    return out


def run_frames(
    plan: Plan, clip: NDArray[Any], first: int, count: int, base: int, total: int
) -> NDArray[np.float32]:
    """Return the channels of `count` frames, `(frames, channels)`, of conditioned samples from `base` on."""
    handle = _handle(plan, "conditioned")
    clips, clip, out = _prepare(clip[None], count, handle.channels)
    clips.base, clips.total = base, total
    clips.left = plan.pad_left(total)
    clips.first_frame, clips.num_valid = first, count
    clips.totals = clips.lefts = clips.num_valids = None
    _finish(handle, clips)
    result: NDArray[np.float32] = out[0]
    return result
