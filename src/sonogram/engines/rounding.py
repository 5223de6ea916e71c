"""Clips of one repeated sample, such as a recorder's offset: their spectrum without its rounding error."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.engines.arrays.base import Arrays
from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.plan import Plan
from sonogram.tolerance import Tolerance

__all__ = ["rounding_of_bin", "silence_rounding", "silence_rounding_of_clip", "silent_bands", "total_weights"]

_EQUAL = Tolerance(0.0, 2.0**-22)
"""Samples that differ less are one repeated sample: four steps of float32."""
_ROUNDING = 1e-5
"""Rounding error of a bin, part of the largest magnitude that the clip can have; a bound for the longest
sums, those of constant-Q kernels. Fourier transforms of 8192 samples were within a tenth of it."""
_ROUNDING_OF_SAMPLE = 2.0**-23
"""Rounding error of a sample after pre-emphasis, part of the two samples that it is the difference of."""
_XP = NumPy()


def silence_rounding(plan: Plan, xp: Arrays, values: Any, samples: Any, lengths: Any = None) -> Any:
    """Return compressed bands, in which the rounding error of clips of one repeated sample is silence.

    The spectrum of such a clip is a peak at 0 Hz. The other bins hold nothing but rounding error, 1e-12 of
    the peak's power in one engine and 1e-30 in another, and a logarithm followed by a normalization makes
    that as large as sound. A clip with any sound is not changed, nor a definition without normalization.

    Args:
        plan: The plan.
        xp: Array namespace.
        values: Compressed bands, `(batch, frames, bands)`.
        samples: What they were computed from, `(batch, samples)`.
        lengths: Valid samples of each clip, `(batch,)`; None is all.
    """
    if not _is_needed(plan):
        return values
    definition = plan.definition
    x = xp.samples(samples)
    mask = None if lengths is None else xp.arange(0, xp.size(x, -1), x) < xp.expand(lengths, -1)
    lowest = xp.expand(xp.masked_min(x, mask, (-1,)), -1)
    highest = xp.expand(xp.masked_max(x, mask, (-1,)), -1)
    level = xp.maximum(highest, -lowest)
    zero = xp.zeros_like(level)
    error = definition.spectrum.detect(xp, level * rounding_of_bin(plan), zero)
    rounding = _compress(plan, xp, error * xp.constant(total_weights(plan), error))
    # With an epsilon or a floor under the root, a bin of silence is not 0.
    silence = _compress(plan, xp, zero + xp.constant(silent_bands(plan), error))
    return xp.where(_EQUAL.is_constant(xp, lowest, highest) & (values <= rounding), silence, values)


def silence_rounding_of_clip(plan: Plan, values: NDArray[Any], clip: NDArray[Any]) -> NDArray[Any]:
    """Return the same for one clip as arrays: `values` are `(1, frames, bands)`, `clip` is `(samples,)`."""
    if not _is_needed(plan) or not len(clip):
        return values
    # Only the extremes count. Nearly all clips stop here, after a few microseconds.
    extremes = np.array([[clip.min(), clip.max()]])
    lowest, highest = _XP.samples(extremes)[0]
    if not _EQUAL.is_constant(_XP, lowest, highest):
        return values
    silenced: NDArray[Any] = silence_rounding(plan, _XP, values, extremes).astype(values.dtype)
    return silenced


def _is_needed(plan: Plan) -> bool:
    rule = plan.definition.normalize
    return rule is not None and rule.clip_dependent


def rounding_of_bin(plan: Plan) -> float:
    """Return the rounding error of a bin of a clip that repeats the sample 1."""
    rule = plan.definition.conditioning
    coefficient = 0.0 if rule.preemphasis is None else rule.preemphasis.coefficient
    weights = [plan.window] if plan.kernels is None else [kernel.values for kernel in plan.kernels]
    largest = max(float(np.abs(each).sum()) for each in weights)
    rounding = _ROUNDING * (1 + abs(coefficient))
    if rule.preemphasis is not None and not rule.remove_mean:
        # Pre-emphasis leaves little of the level, and the sums round that little. A larger bound would take
        # the edge where the clip ends in a window, which is sound, for rounding.
        rounding = _ROUNDING * abs(1 - coefficient) + _ROUNDING_OF_SAMPLE * (1 + abs(coefficient))
    return rounding * abs(rule.scale) * largest


def total_weights(plan: Plan) -> Any:
    """Return the sum of the weights of each band."""
    return np.ones(plan.num_filters) if plan.bands is None else np.abs(plan.bands).sum(axis=0)


def silent_bands(plan: Plan) -> Any:
    """Return the bands of digital silence before the compression."""
    zero = np.zeros((1, 1))
    weights = np.ones(plan.num_filters) if plan.bands is None else plan.bands.sum(axis=0)
    return plan.definition.spectrum.detect(_XP, zero, zero)[0, 0] * weights


def _compress(plan: Plan, xp: Arrays, bands: Any) -> Any:
    definition = plan.definition
    if definition.scaling is None:
        return bands
    return definition.scaling.per_frame(xp, bands, definition.spectrum.db_factor)
