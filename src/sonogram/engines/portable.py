"""The engine `portable`: the transform as a strided convolution, for exported models and any length."""

from __future__ import annotations

from typing import Any

from sonogram.engines import program
from sonogram.engines.arrays.base import Arrays
from sonogram.engines.plan import Plan
from sonogram.engines.tensor import frame_samples

__all__ = ["transform"]


def transform(plan: Plan, xp: Arrays, samples: Any, num_frames: Any) -> tuple[Any, Any]:
    """Return the parts of the spectrum, `(batch, frames, bins)`, of samples that hold just the frames."""
    rule = plan.definition.conditioning
    if rule.remove_mean == "frame" or rule.frame_preemphasis:
        # Folding the mean or the pre-emphasis into the kernels would leave small differences of large sums:
        # faint high frequencies under the rounding error of loud low ones.
        frames = program.emphasize(plan, xp, frame_samples(plan, xp, samples, num_frames))
        parts = xp.matmul(frames, plan.dft)
    else:
        parts = xp.correlate(samples, plan.dft, plan.frame_step)
        if not isinstance(num_frames, int):
            parts = xp.crop(parts, 0, num_frames, -2)
    return xp.crop(parts, 0, plan.num_bins, -1), xp.crop(parts, plan.num_bins, plan.num_bins, -1)
