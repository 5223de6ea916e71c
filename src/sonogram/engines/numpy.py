"""The engine `numpy`: float64, short, the reference of all others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sonogram.engines import program
from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.plan import Plan
from sonogram.engines.rounding import silence_rounding_of_clip
from sonogram.padding import samples_at

__all__ = ["condition", "covered_samples", "features", "frame_samples", "frames", "stft"]

Floats = NDArray[np.float64]
_BLOCK = 256  # frames at a time, whose arrays fit into the cache
_KERNEL_BLOCK = 16  # frames at a time for kernels, which may have 100,000 samples
_XP = NumPy()


def features(plan: Plan, samples: NDArray[Any], lengths: NDArray[np.int64] | None) -> NDArray[np.float32]:
    """Return float32 features, `(batch, frames, bands)`, of `(batch, samples)`."""
    num_frames = plan.features_frames(samples.shape[1])
    result = np.zeros((len(samples), num_frames, plan.definition.num_bands), np.float32)
    for index, row in enumerate(samples):
        own_samples = row if lengths is None else row[: lengths[index]]
        clip = condition(plan, _XP.samples(own_samples))
        values, energy = frames(plan, clip, 0, plan.num_valid_frames(len(clip)))
        if len(values):
            bands = silence_rounding_of_clip(plan, values[None], own_samples)
            own = program.over_clip(plan, _XP, bands, None if energy is None else energy[None])[0]
            result[index, : len(own)] = own
    return result


def condition(plan: Plan, clip: Floats, previous: float | None = None) -> Floats:
    """Return the conditioned samples of a clip, or of a piece of it that follows the sample `previous`."""
    before = None if previous is None else np.array([previous])
    conditioned: Floats = plan.definition.conditioning.apply(_XP, clip[None], None, before)[0][0]
    return conditioned


def frame_samples(
    plan: Plan, clip: Floats, first: int, count: int, base: int = 0, total: int | None = None
) -> Floats:
    """Return frames before pre-emphasis and window, `(count, frame_length)`; see `covered_samples`."""
    piece = covered_samples(plan, clip, first, count, base, total)
    samples = sliding_window_view(piece, plan.frame_length)[:: plan.frame_step]
    if plan.definition.conditioning.remove_mean == "frame":
        samples = samples - samples.mean(axis=-1, keepdims=True)
    return samples


def covered_samples(
    plan: Plan, clip: NDArray[Any], first: int, count: int, base: int = 0, total: int | None = None
) -> NDArray[Any]:
    """Return the samples that frames cover, those beyond the edges of the clip included.

    Args:
        plan: The plan.
        clip: Conditioned samples of the clip from `base` on.
        first: Number of the first frame.
        count: Number of frames.
        base: Position of the first of these samples in the clip.
        total: Number of samples of the clip; None where the frames do not depend on it.
    """
    total = base + len(clip) if total is None else total
    begin = first * plan.frame_step - plan.pad_left(total)
    end = begin + (count - 1) * plan.frame_step + plan.frame_length
    if base <= begin and end <= base + len(clip):
        return clip[begin - base : end - base]
    mode = plan.definition.padding.mode
    return np.asarray(samples_at(_XP, clip, np.arange(begin, end), total, mode, base))


def stft(plan: Plan, frames: Floats) -> Any:
    """Return the complex bins of frames."""
    frames = program.emphasize(plan, _XP, frames)
    if plan.kernels is not None:
        bins = np.empty((len(frames), plan.num_bins), np.complex128)
        for index, kernel in enumerate(plan.kernels):
            samples = frames[:, kernel.begin : kernel.begin + len(kernel.values)]
            # A sum over each row alone: in a product of matrices a row may depend on how many there are.
            bins[:, index].real = (samples * kernel.values.real).sum(axis=1)
            bins[:, index].imag = (samples * kernel.values.imag).sum(axis=1)
        return bins
    windowed = frames * plan.window
    if plan.window_offset:
        windowed = np.pad(windowed, ((0, 0), (plan.window_offset, 0)))
    return np.fft.rfft(windowed, plan.fft_length)


def frames(
    plan: Plan, clip: Floats, first: int, count: int, base: int = 0, total: int | None = None
) -> tuple[Floats, Floats | None]:
    """Return the compressed bands of frames, and their log energies if the cepstrum needs them.

    The arguments are those of `frame_samples`. A frame does not depend on the block it is computed in.
    """
    values = np.empty((count, plan.num_filters))
    energy = np.empty((count, 1)) if plan.has_energy else None
    size = _BLOCK if plan.kernels is None else _KERNEL_BLOCK
    for start in range(0, count, size):
        block = slice(start, min(start + size, count))
        pieces = frame_samples(plan, clip, first + start, block.stop - start, base, total)
        bins = stft(plan, pieces)
        values[block] = program.per_frame(plan, _XP, bins.real, bins.imag)
        if energy is not None:
            energy[block] = program.log_energy(plan, _XP, pieces)
    return values, energy
