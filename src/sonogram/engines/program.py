"""The program: the stages in their order, over any array namespace. All engines share it.

`per_frame` computes each frame alone, `over_clip` needs the whole clip. A stream computes what is
between them.
"""

from __future__ import annotations

from typing import Any

from sonogram.bands import Bins
from sonogram.engines.arrays.base import Arrays
from sonogram.engines.plan import Plan

__all__ = [
    "cepstrum",
    "emphasize",
    "log_energy",
    "over_clip",
    "per_frame",
    "stack",
    "zero_invalid",
]


def emphasize(plan: Plan, xp: Arrays, frames: Any) -> Any:
    """Return frames, `(..., frame_length)`, after the pre-emphasis of each frame."""
    preemphasis = plan.definition.conditioning.frame_preemphasis
    if preemphasis is None:
        return frames
    first = xp.crop(frames, 0, 1, -1)
    previous = first if preemphasis.boundary == "repeat" else xp.zeros_like(first)
    delayed = xp.concatenate([previous, xp.crop(frames, 0, plan.frame_length - 1, -1)], -1)
    return frames - preemphasis.coefficient * delayed


def log_energy(plan: Plan, xp: Arrays, frames: Any) -> Any:
    """Return the natural logarithm of each frame's energy, `(..., frames, 1)`."""
    rule = plan.definition.cepstrum
    assert rule is not None
    return xp.log(xp.maximum(xp.asum(frames * frames, (-1,)), rule.energy_floor))


def per_frame(plan: Plan, xp: Arrays, real: Any, imaginary: Any) -> Any:
    """Return compressed bands, `(..., frames, bands)`, from the parts of the spectrum."""
    definition = plan.definition
    if plan.is_complex and isinstance(definition.bands, Bins):
        start, count = definition.bands.start, definition.bands.stop - definition.bands.start
        real, imaginary = (xp.crop(part, start, count, -1) for part in (real, imaginary))
    values = definition.spectrum.detect(xp, real, imaginary)
    if plan.bands is not None:
        values = xp.matmul(values, plan.bands, plan.limits)
    if definition.scaling is not None:
        values = definition.scaling.per_frame(xp, values, definition.spectrum.db_factor)
    return values


def over_clip(plan: Plan, xp: Arrays, values: Any, energy: Any = None, valid: Any = None) -> Any:
    """Return the features from the compressed bands of whole clips.

    Args:
        plan: The plan.
        xp: Array namespace.
        values: `(batch, frames, bands)`.
        energy: Log energies, `(batch, frames, 1)`, if the cepstrum needs them.
        valid: Number of frames that hold features, `(batch,)`; None is all of them.

    Returns:
        `(batch, stacked frames, features)`, 0 after the valid frames.
    """
    definition = plan.definition
    mask = None if valid is None else _valid_mask(xp, values, valid)
    values = _apply_mask(xp, values, mask)
    if definition.scaling is not None:
        values = definition.scaling.over_clip(xp, values, mask)
    values = cepstrum(plan, xp, values, energy)
    if definition.deltas is not None:
        values = definition.deltas.apply(xp, values, valid)
    if definition.normalize is not None:
        values = definition.normalize.apply(xp, values, mask, plan.tolerance)
    return stack(plan, xp, _apply_mask(xp, values, mask), valid)


def cepstrum(plan: Plan, xp: Arrays, values: Any, energy: Any) -> Any:
    """Return the cepstrum of compressed bands, or the bands if the definition has no cepstrum."""
    if plan.definition.scaling is not None:
        values = plan.definition.scaling.across_bands(xp, values)
    if plan.cepstrum is None:
        return values
    values = xp.matmul(values, plan.cepstrum)
    if energy is None:
        return values
    others = xp.size(values, -1) - 1
    return xp.concatenate([energy, xp.crop(values, 1, others, -1)], -1) if others else energy


def stack(plan: Plan, xp: Arrays, values: Any, valid: Any = None) -> Any:
    """Return neighboring frames concatenated, if the definition has a stack."""
    rule = plan.definition.stack
    if rule is None:
        return values
    values = rule.apply(xp, values, valid)
    return values if valid is None else zero_invalid(xp, values, rule.num_frames(valid))


def zero_invalid(xp: Arrays, values: Any, valid: Any) -> Any:
    """Return `values`, `(batch, frames, bands)`, 0 after the first `valid` frames, `(batch,)`."""
    return _apply_mask(xp, values, _valid_mask(xp, values, valid))


def _valid_mask(xp: Arrays, values: Any, valid: Any) -> Any:
    """Return whether each frame is valid, `(batch, frames, 1)`."""
    frame = xp.arange(0, xp.size(values, -2), values)
    return xp.expand(frame < xp.expand(valid, -1), -1)


def _apply_mask(xp: Arrays, values: Any, mask: Any) -> Any:
    return values if mask is None else xp.where(mask, values, xp.zeros_like(values))
