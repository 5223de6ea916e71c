"""The engine `numpy`: float64, short and obvious, the oracle of all others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sonogram.engines import program
from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.plan import Plan
from sonogram.padding import source_index

__all__ = ["condition", "features", "frames_of", "local", "spectrum"]

Floats = NDArray[np.float64]
_BLOCK = 256  # frames at a time: what they need stays in the cache
_XP = NumPy()


def features(plan: Plan, samples: NDArray[Any], lengths: NDArray[np.int64] | None) -> NDArray[np.float32]:
    """Return float32 features, `(batch, frames, bands)`, of `(batch, samples)`."""
    num_frames = plan.features_frames(samples.shape[1])
    result = np.zeros((len(samples), num_frames, plan.definition.num_bands), np.float32)
    for index, row in enumerate(samples):
        clip = condition(plan, _XP.samples(row if lengths is None else row[: lengths[index]]))
        values, energy = local(plan, clip, 0, plan.num_valid_frames(len(clip)))
        if len(values):
            own = program.tail(plan, _XP, values[None], None if energy is None else energy[None])[0]
            result[index, : len(own)] = own
    return result


def condition(plan: Plan, clip: Floats, before: float | None = None) -> Floats:
    """Return the conditioned samples of a clip, or of its next piece after the sample `before`."""
    rule = plan.definition.conditioning
    if rule.remove_mean == "clip" and len(clip):
        clip = clip - clip.mean()
    preemphasis = rule.clip_preemphasis
    if preemphasis is not None and len(clip):
        if before is None:
            before = clip[0] if preemphasis.boundary == "repeat" else 0.0
            dropped = rule.dropped
        else:
            dropped = 0
        delayed = np.concatenate([[before], clip[:-1]])
        clip = (clip - preemphasis.coefficient * delayed)[dropped:]
    return clip if rule.scale == 1 else clip * rule.scale


def frames_of(
    plan: Plan, clip: Floats, first: int, count: int, base: int = 0, total: int | None = None
) -> Floats:
    """Return frames before their window, `(count, frame_length)`.

    Args:
        plan: The plan.
        clip: Conditioned samples of the clip from `base`.
        first: The first frame.
        count: How many frames.
        base: Where in the clip the samples begin.
        total: Samples in the clip; None where the frames do not depend on it.
    """
    total = base + len(clip) if total is None else total
    begin = first * plan.frame_step - plan.pad_left(total)
    end = begin + (count - 1) * plan.frame_step + plan.frame_length
    if base <= begin and end <= base + len(clip):
        piece = clip[begin - base : end - base]
    else:
        position = np.arange(begin, end)
        mode = plan.definition.padding.mode
        inside = (position >= 0) & (position < total)
        index = np.where(
            inside, position, 0 if mode == "constant" else source_index(np, position, total, mode)
        )
        if mode == "constant":
            piece = np.where(inside, clip[np.where(inside, index - base, 0)], 0.0)
        else:
            piece = clip[index - base]
    return sliding_window_view(piece, plan.frame_length)[:: plan.frame_step]


def spectrum(plan: Plan, frames: Floats) -> Any:
    """Return the complex bins of frames."""
    if plan.definition.conditioning.remove_mean == "frame":
        frames = frames - frames.mean(axis=-1, keepdims=True)
    windowed = program.emphasize(plan, _XP, frames) * plan.window
    if plan.span != plan.frame_length:
        windowed = np.pad(
            windowed, ((0, 0), (plan.window_offset, plan.span - plan.frame_length - plan.window_offset))
        )
    return np.fft.rfft(windowed, plan.fft_length)


def local(
    plan: Plan, clip: Floats, first: int, count: int, base: int = 0, total: int | None = None
) -> tuple[Floats, Floats | None]:
    """Return the compressed bands of frames, and their log energies where the cepstrum asks for them.

    The arguments are those of `frames_of`. A frame does not depend on the block it is computed in.
    """
    values = np.empty((count, plan.num_filters))
    rule = plan.definition.cepstrum
    energy = np.empty((count, 1)) if rule is not None and rule.energy else None
    for start in range(0, count, _BLOCK):
        block = slice(start, min(start + _BLOCK, count))
        frames = frames_of(plan, clip, first + start, block.stop - start, base, total)
        bins = spectrum(plan, frames)
        values[block] = program.local(plan, _XP, bins.real, bins.imag)
        if energy is not None:
            if plan.definition.conditioning.remove_mean == "frame":
                frames = frames - frames.mean(axis=-1, keepdims=True)
            energy[block] = program.log_energy(plan, _XP, frames)
    return values, energy
