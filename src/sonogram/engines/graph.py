"""The engine `graph`: the library's own FFT, for training, accelerators, compilers and gradients."""

from __future__ import annotations

from typing import Any

from sonogram.engines import program
from sonogram.engines.arrays.base import Arrays
from sonogram.engines.plan import Plan
from sonogram.engines.tensor import frame_samples

__all__ = ["transform"]


def transform(plan: Plan, xp: Arrays, samples: Any, num_frames: Any) -> tuple[Any, Any]:
    """Return the parts of the spectrum, `(batch, frames, bins)`, of samples that hold just the frames."""
    frames = program.emphasize(plan, xp, frame_samples(plan, xp, samples, num_frames))
    windowed = frames * xp.constant(plan.window, frames)
    if plan.window_offset:
        windowed = xp.pad(windowed, plan.window_offset, 0, -1)
    return xp.rfft(windowed, plan.fft_length)
