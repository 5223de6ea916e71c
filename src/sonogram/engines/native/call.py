"""Calls of the library: a definition is lowered once, the library fills an array in place."""

from __future__ import annotations

import ctypes
import threading
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sonogram.engines.native import lower
from sonogram.engines.plan import Plan
from sonogram.native.library import Clips, isa, library
from sonogram.native.threads import default_threads, own_threads

__all__ = ["run", "run_frames"]

_DTYPES = {np.dtype(np.float32): 0, np.dtype(np.float64): 1, np.dtype(np.int16): 2}
_state = threading.local()  # one Clips for each thread: making one takes longer than filling it


class _Program:
    """A lowered definition in the library, released with this object."""

    def __init__(self, plan: Plan, kind: lower.Kind) -> None:
        self._library = library()
        definition, arrays = lower.definition(plan, kind)
        kernels, tables = lower.kernels(plan)
        self.address = self._library.sonogram_create_of_kernels(
            ctypes.byref(definition), kernels and ctypes.byref(kernels), isa().encode()
        )
        del arrays, tables  # the library has copied what it needs
        if not self.address:
            raise MemoryError("the tables of this definition do not fit into memory")
        self._run = self._library.sonogram_run
        self.num_columns = lower.num_columns(plan, kind)

    def run(self, clips: Clips) -> None:
        if self._run(self.address, clips):
            raise MemoryError("the native engine ran out of memory")

    def __del__(self) -> None:
        if getattr(self, "address", None):
            self._library.sonogram_destroy(self.address)


@lru_cache(maxsize=256)
def _program(plan: Plan, kind: lower.Kind) -> _Program:
    return _Program(plan, kind)


def _clips(
    samples: NDArray[Any], num_frames: int, shape: tuple[int, int]
) -> tuple[Clips, NDArray[Any], NDArray[np.float32]]:
    """Return the argument of a call, the samples that it reads and the array that it fills.

    `shape` is that of the result for one clip.
    """
    dtype = _DTYPES.get(samples.dtype)
    if dtype is None:
        samples, dtype = samples.astype(np.float32), 0
    width = samples.dtype.itemsize
    row, column = samples.strides
    if column != width or row % width or not samples.flags.aligned:
        samples = np.ascontiguousarray(samples)
        row = samples.strides[0]
    out = np.empty((samples.shape[0], *shape), np.float32)
    clips: Clips | None = getattr(_state, "clips", None)
    if clips is None:
        clips = _state.clips = Clips()
    clips.samples, clips.out = samples.ctypes.data, out.ctypes.data
    clips.count, clips.available = samples.shape
    clips.stride = row // width
    clips.num_frames = num_frames
    clips.totals = clips.pad_lefts = clips.num_valids = None
    clips.dtype = dtype
    clips.threads = own_threads() or default_threads()
    return clips, samples, out


def run(
    plan: Plan,
    kind: Literal["features", "bins"],
    samples: NDArray[Any],
    lengths: NDArray[np.int64] | None = None,
) -> NDArray[np.float32]:
    """Return the result, `(batch, rows, columns)`, of `(batch, samples)`; 0 after the valid rows."""
    program = _program(plan, kind)
    total = samples.shape[1]
    conditioned = plan.num_conditioned(total)
    num_frames = plan.num_frames(conditioned)
    has_rows = kind == "features" and lower.covers_definition(plan)
    num_rows = plan.features_frames(total) if has_rows else num_frames
    clips, samples, out = _clips(samples, num_frames, (num_rows, program.num_columns))
    clips.base = clips.first_frame = 0
    clips.total = total
    clips.pad_left = plan.pad_left(conditioned)
    clips.num_valid = num_frames if kind == "bins" else plan.num_valid_frames(conditioned)
    if lengths is not None:
        totals = np.ascontiguousarray(lengths, np.int64)
        own = plan.num_conditioned(totals, np.maximum)
        pad_lefts = np.broadcast_to(np.asarray(plan.pad_left(own), np.int64), own.shape).copy()
        valid = np.ascontiguousarray(plan.num_valid_frames(own, np.maximum), np.int64)
        clips.totals, clips.pad_lefts, clips.num_valids = (
            each.ctypes.data for each in (totals, pad_lefts, valid)
        )
    program.run(clips)
    return out


def run_frames(
    plan: Plan, clip: NDArray[Any], first: int, count: int, base: int, total: int
) -> NDArray[np.float32]:
    """Return the columns of `count` frames, `(frames, columns)`, of conditioned samples from `base` on."""
    program = _program(plan, "conditioned")
    clips, clip, out = _clips(clip[None], count, (count, program.num_columns))
    clips.base, clips.total = base, total
    clips.pad_left = plan.pad_left(total)
    clips.first_frame, clips.num_valid = first, count
    program.run(clips)
    result: NDArray[np.float32] = out[0]
    return result
