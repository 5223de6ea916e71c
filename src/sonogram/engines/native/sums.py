"""Bins as sums over samples, for transforms that are given by kernels: float32, threads over frames."""

from __future__ import annotations

import ctypes
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sonogram.engines.plan import Plan
from sonogram.native.library import Kernels, isa, library
from sonogram.native.threads import default_threads, own_threads

__all__ = ["bins"]

Floats = NDArray[np.float32]


def bins(plan: Plan, samples: Floats, num_frames: int) -> tuple[Floats, Floats]:
    """Return both parts of the bins, `(frames, bins)`, of the samples that the frames cover."""
    kernels, _ = _tables(plan)
    samples = np.ascontiguousarray(samples, np.float32)
    out = np.empty((num_frames, 2, plan.num_bins), np.float32)
    threads = own_threads() or default_threads()
    library().sonogram_sum_kernels(
        ctypes.byref(kernels),
        samples.ctypes.data,
        plan.frame_step,
        num_frames,
        out.ctypes.data,
        isa().encode(),
        threads,
    )
    return out[:, 0], out[:, 1]


@lru_cache(maxsize=16)
def _tables(plan: Plan) -> tuple[Kernels, tuple[NDArray[np.generic], ...]]:
    """Return the struct, and the arrays that it points to."""
    assert plan.kernels is not None
    begins = np.array([kernel.begin for kernel in plan.kernels], np.int64)
    offsets = np.cumsum([0, *(len(kernel.values) for kernel in plan.kernels)], dtype=np.int64)
    values = np.concatenate([kernel.values for kernel in plan.kernels])
    real, imaginary = values.real.astype(np.float32), values.imag.astype(np.float32)
    arrays = (begins, offsets, real, imaginary)
    return Kernels(len(begins), *(array.ctypes.data for array in arrays)), arrays
