"""The stages in their order, over any array namespace: the mathematics that all engines share.

`local` sees one frame at a time, `tail` the whole clip. Between them lies all that a stream can do
without a state.
"""

from __future__ import annotations

from typing import Any

from sonogram.engines.arrays.base import Arrays
from sonogram.engines.plan import Plan

__all__ = ["emphasize", "local", "replace_energy", "tail", "valid_mask", "zero_invalid"]


def emphasize(plan: Plan, xp: Arrays, frames: Any) -> Any:
    """Return frames, `(..., frame_length)`, with their own pre-emphasis."""
    preemphasis = plan.definition.conditioning.frame_preemphasis
    if preemphasis is None:
        return frames
    first = xp.crop(frames, 0, 1, -1)
    before = first if preemphasis.boundary == "repeat" else xp.zeros_like(first)
    delayed = xp.concatenate([before, xp.crop(frames, 0, plan.frame_length - 1, -1)], -1)
    return frames - preemphasis.coefficient * delayed


def log_energy(plan: Plan, xp: Arrays, frames: Any) -> Any:
    """Return the natural logarithm of each frame's energy, `(..., frames, 1)`."""
    cepstrum = plan.definition.cepstrum
    assert cepstrum is not None
    return xp.log(xp.maximum(xp.asum(frames * frames, (-1,)), cepstrum.energy_floor))


def local(plan: Plan, xp: Arrays, real: Any, imaginary: Any) -> Any:
    """Return compressed bands, `(..., frames, bands)`, from the parts of the spectrum."""
    frontend = plan.definition
    values = frontend.spectrum.detect(xp, real, imaginary)
    if plan.bands is not None:
        values = xp.matmul(values, plan.bands, plan.limits)
    if frontend.scaling is not None:
        values = frontend.scaling.per_frame(xp, values, frontend.spectrum.db_factor)
    return values


def cepstrum(plan: Plan, xp: Arrays, values: Any, energy: Any) -> Any:
    """Return the cepstrum of compressed bands, or the bands where there is none."""
    if plan.cepstrum is None:
        return values
    values = xp.matmul(values, plan.cepstrum)
    return values if energy is None else replace_energy(xp, values, energy)


def replace_energy(xp: Arrays, values: Any, energy: Any) -> Any:
    """Return cepstra with the log energy in place of the first coefficient."""
    rest = xp.size(values, -1) - 1
    return xp.concatenate([energy, xp.crop(values, 1, rest, -1)], -1) if rest else energy


def tail(plan: Plan, xp: Arrays, values: Any, energy: Any = None, valid: Any = None) -> Any:
    """Return the features from the compressed bands of whole clips.

    Args:
        plan: The plan.
        xp: The namespace.
        values: `(batch, frames, bands)`.
        energy: Log energies, `(batch, frames, 1)`, where the cepstrum asks for them.
        valid: Frames that hold features, `(batch,)`; None is all of them.

    Returns:
        `(batch, stacked frames, features)`, 0 beyond the valid frames.
    """
    frontend = plan.definition
    mask = None if valid is None else valid_mask(xp, values, valid)
    if mask is not None:
        values = xp.where(mask, values, xp.zeros_like(values))
    if frontend.scaling is not None:
        values = frontend.scaling.over_clip(xp, values, mask)
    values = cepstrum(plan, xp, values, energy)
    if frontend.normalize is not None:
        values = frontend.normalize.apply(xp, values, mask)
    if mask is not None:
        values = xp.where(mask, values, xp.zeros_like(values))
    return stack(plan, xp, values, valid)


def stack(plan: Plan, xp: Arrays, values: Any, valid: Any = None) -> Any:
    """Return neighboring frames side by side, as the definition asks."""
    rule = plan.definition.stack
    if rule is None:
        return values
    frames, bands = xp.size(values, -2), xp.size(values, -1)
    stacked = rule.num_frames(frames)
    # One stack more than there is, cropped away again: a shape with a 0 in it is not portable.
    values = xp.crop(xp.pad(values, 0, 2 * rule.size, -2), 0, (stacked + 1) * rule.size, -2)
    values = xp.reshape(values, (xp.size(values, -3), stacked + 1, rule.size * bands))
    values = xp.crop(values, 0, stacked, -2)
    if valid is None:
        return values
    return xp.where(valid_mask(xp, values, rule.num_frames(valid)), values, xp.zeros_like(values))


def zero_invalid(xp: Arrays, values: Any, valid: Any) -> Any:
    """Return `values`, 0 from the first frame on that is not valid."""
    return xp.where(valid_mask(xp, values, valid), values, xp.zeros_like(values))


def valid_mask(xp: Arrays, values: Any, valid: Any) -> Any:
    """Return where the frame lies before the first one that is not valid, `(batch, frames, 1)`."""
    frame = xp.arange(0, xp.size(values, -2), values)
    return xp.expand(frame < xp.expand(valid, -1), -1)
