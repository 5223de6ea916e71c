"""The engine `native`: C++ in float32, one frame per SIMD lane, threads over frames and clips."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.engines import numpy as numpy_engine, program
from sonogram.engines.native import call, lower
from sonogram.engines.native.arrays import NativeArrays
from sonogram.engines.plan import Plan
from sonogram.engines.rounding import silence_rounding_of_clip
from sonogram.native.library import isa, load, warn_missing
from sonogram.native.threads import threads
from sonogram.scaling import Pcen

__all__ = ["available", "features", "frames", "isa", "spectrum", "threads", "warn_missing"]

Floats = NDArray[np.float32]
_XP = NativeArrays()


def available() -> bool:
    """Return whether the library is available."""
    return load()[0] is not None


def features(plan: Plan, samples: NDArray[Any], lengths: NDArray[np.int64] | None) -> Floats:
    """Return float32 features, `(batch, frames, bands)`, of `(batch, samples)`."""
    if not lower.covers_frames(plan):
        return numpy_engine.features(plan, samples, lengths)
    values = call.run(plan, "features", samples, lengths)
    if lower.covers_definition(plan):
        return values
    # Complex spectra and PCEN.
    values, energy = _split_energy(plan, _widened(plan, values))
    shape = (len(values), plan.features_frames(samples.shape[1]), plan.definition.num_bands)
    result = np.zeros(shape, np.float32)
    for index in range(len(values)):
        total = samples.shape[1] if lengths is None else int(lengths[index])
        valid = plan.num_valid_frames(plan.num_conditioned(total))
        if plan.valid_features(total):
            own_energy = None if energy is None else energy[index : index + 1, :valid]
            bands = silence_rounding_of_clip(plan, values[index : index + 1, :valid], samples[index, :total])
            own = program.over_clip(plan, _XP, bands, own_energy)[0]
            result[index, : len(own)] = own
    return result


def spectrum(plan: Plan, samples: NDArray[Any]) -> NDArray[np.complex64]:
    """Return complex64 bins, `(batch, frames, bins)`, of `(batch, samples)`."""
    return call.run(plan, "bins", samples).view(np.complex64)


def frames(
    plan: Plan, clip: Floats, first: int, count: int, base: int = 0, total: int | None = None
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return the scaled bands of frames, and their log energies if the cepstrum needs them.

    They have the same bits as in the features of the whole clip.

    Args:
        plan: The plan.
        clip: Conditioned float32 samples of the clip from `base` on.
        first: Index of the first frame.
        count: Number of frames.
        base: Position in the clip of the first sample.
        total: Samples in the clip; None if the frames do not depend on it.
    """
    if not lower.covers_frames(plan):
        values, energy = numpy_engine.frames(plan, clip.astype(np.float64), first, count, base, total)
        return values.astype(np.float32), None if energy is None else energy.astype(np.float32)
    total = base + len(clip) if total is None else total
    return _split_energy(plan, _widened(plan, call.run_frames(plan, clip, first, count, base, total)))


def _widened(plan: Plan, values: NDArray[Any]) -> NDArray[Any]:
    """Return the values for PCEN in float64: its powers in float32 have other bits on each processor."""
    return values.astype(np.float64) if isinstance(plan.definition.scaling, Pcen) else values


def _split_energy(plan: Plan, values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return the bands and the log energy, which is the last column."""
    if plan.is_complex:  # columns are real and imaginary parts in turn
        return np.asarray(program.per_frame(plan, _XP, values[..., ::2], values[..., 1::2])), None
    return (values[..., :-1], values[..., -1:]) if plan.has_energy else (values, None)
