"""Griffin-Lim: samples whose features are nearly the given ones, with phases found by iteration.

Source: D. Griffin, J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE
TASSP 32 (1984); N. Perraudin, P. Balazs, P. Sondergaard, "A fast Griffin-Lim algorithm", WASPAA 2013.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.definition import Definition
from sonogram.engines import numpy as numpy_engine
from sonogram.engines.arrays import namespace
from sonogram.engines.plan import Plan, plan
from sonogram.errors import SonogramError
from sonogram.inversion.magnitudes import loses_level, magnitudes
from sonogram.inversion.whole import whole
from sonogram.obstacles import require_possible
from sonogram.samples import refuse_mask

__all__ = ["griffin_lim"]

Floats = NDArray[np.float64]
Bins = NDArray[np.complex128]

_LEAST_ENERGY = 0.01  # share of the windows' energy below which a sample is not amplified further
_PEAK = 0.5  # of the result, if the features do not contain the level


def griffin_lim(
    features: Any,
    frontend: Definition,
    num_samples: int,
    iterations: int = 32,
    *,
    momentum: float = 0.99,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Return samples whose features are nearly the given ones; the phases are found by iteration.

    Normalization by constants, full cepstra, logarithms, bands and pre-emphasis are undone; from bands
    to bins by bins that are not negative. If the level is lost, because the reference is the clip's
    own peak, the peak of the samples is 0.5.

    Args:
        features: `(..., frames, bands)`, as `frontend(samples)` returns them.
        frontend: The front end they were computed with.
        num_samples: Length of the result, samples.
        iterations: Number of transforms to samples and back. 32 is enough to judge by ear; more bring
            the features nearer.
        momentum: Weight of the previous step, from 0 up to 1; 0 is the algorithm of 1984.
        seed: Seed of the initial phases.

    Returns:
        float32 samples, `(..., num_samples)`.

    Raises:
        SonogramError: `frontend.obstacles("magnitudes")` prevents it, or the shape does not fit.

    Example:
        >>> frontend = sg.Frontend(16000, 512, 128)
        >>> samples = np.sin(np.arange(8000) / 9)
        >>> restored = sg.inversion.griffin_lim(frontend(samples), frontend, 8000)
        >>> again = frontend(restored)
        >>> bool(np.linalg.norm(again - frontend(samples)) < 0.1 * np.linalg.norm(again))
        True

    See Also:
        resynthesize: the features of a sound and their inversion in one call.
        Frontend.istft: the exact inverse, if the phases are known.
    """
    require_possible(frontend, "magnitudes")
    refuse_mask(features, "the features")
    features = np.asarray(features)
    num_samples, iterations, seed = (
        whole(name, value)
        for name, value in (("num_samples", num_samples), ("iterations", iterations), ("seed", seed))
    )
    if np.iscomplexobj(features):
        raise SonogramError("the features must be real; got a complex spectrum. Use frontend.istft for it")
    expected = (frontend.num_frames(num_samples), frontend.num_bands)
    if features.shape[-2:] != expected:
        raise SonogramError(
            f"the features of {num_samples} samples must have shape (..., {expected[0]}, {expected[1]}) in "
            f"this front end; got {features.shape}"
        )
    if not 0 <= momentum < 1:
        raise SonogramError(f"momentum must be at least 0 and below 1; got {momentum}")
    if not np.isfinite(features).all():
        raise SonogramError("features must be finite; got NaN or infinity")
    clips = math.prod(features.shape[:-2])
    flat = features.reshape(clips, *expected)
    result = np.zeros((clips, num_samples), np.float32)
    for index, clip in enumerate(flat):
        rng = np.random.default_rng((seed, index))
        result[index] = _clip(clip, frontend, num_samples, iterations, momentum, rng)
    return result.reshape(*features.shape[:-2], num_samples)


def _clip(
    features: NDArray[Any],
    definition: Definition,
    num_samples: int,
    iterations: int,
    momentum: float,
    rng: np.random.Generator,
) -> Floats:
    lengths = (definition.frame_length, definition.frame_step, definition.fft_length)
    bare = plan(
        Definition(definition.sample_rate, *lengths, padding=definition.padding, window=definition.window)
    )
    conditioned = definition.conditioning.num_samples(num_samples)
    num_frames, valid = bare.num_frames(conditioned), bare.num_valid_frames(conditioned)
    if not len(features) or not valid:
        return np.zeros(num_samples)
    # Frames without features, which are zero by definition or were dropped by a stack, repeat the last one.
    known = magnitudes(features, definition)[:valid]
    wanted = known[np.minimum(np.arange(num_frames), len(known) - 1)]
    weight = _weight(bare, num_frames)
    bins = wanted * np.exp(2j * np.pi * rng.random(wanted.shape))
    previous: Bins | float = 0.0
    for _ in range(iterations):
        samples = _samples(bare, bins, weight, conditioned)
        consistent = numpy_engine.stft(bare, numpy_engine.frame_samples(bare, samples, 0, num_frames))
        step = consistent - momentum / (1 + momentum) * previous
        previous = consistent
        bins = wanted * (step / np.maximum(np.abs(step), 1e-30))
    samples = np.pad(_samples(bare, bins, weight, conditioned), (num_samples - conditioned, 0))
    peak = np.abs(samples).max()
    return samples * (_PEAK / peak) if loses_level(definition) and peak > 0 else samples


def _samples(bare: Plan, bins: Bins, weight: Floats, num_samples: int) -> Floats:
    """Return the samples whose spectrum is nearest to `bins`."""
    frames = np.fft.irfft(bins, bare.fft_length)
    frames = frames[:, bare.window_offset : bare.window_offset + bare.frame_length]
    total = _overlap_add(bare, frames * bare.window) * weight
    pad_left = bare.pad_left(num_samples)
    total = np.pad(total, (max(-pad_left, 0), max(pad_left + num_samples - len(total), 0)))
    return total[max(pad_left, 0) : max(pad_left, 0) + num_samples]


def _weight(bare: Plan, num_frames: int) -> Floats:
    """Return the factor on each sample: the inverse of the energy of the windows that cover it.

    It is limited at the ends of a clip, where that energy nearly vanishes and errors would be amplified.
    """
    energy = _overlap_add(bare, np.tile(bare.window**2, (num_frames, 1)))
    weight: Floats = 1 / np.maximum(energy, _LEAST_ENERGY * energy.max())
    return weight


def _overlap_add(bare: Plan, frames: Floats) -> Floats:
    xp = namespace("numpy")
    total: Floats = xp.overlap_add(frames[None], bare.frame_length, bare.frame_step, len(frames))[0]
    return total
