"""Griffin-Lim: samples whose features are nearly the given ones, so that one can hear what they keep.

Source: D. Griffin, J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE
TASSP 32 (1984); N. Perraudin, P. Balazs, P. Sondergaard, "A fast Griffin-Lim algorithm", WASPAA 2013.
"""

from __future__ import annotations

import dataclasses
import math
import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.conditioning import Conditioning
from sonogram.engines import numpy as numpy_engine
from sonogram.engines.arrays import namespace
from sonogram.engines.plan import Plan, plan
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.inversion.restore import check_restorable, loses_level, magnitudes
from sonogram.spectrum import Magnitude

__all__ = ["griffin_lim"]

Floats = NDArray[np.float64]
Bins = NDArray[np.complex128]

_FAINT = 0.01  # share of the window's energy below which a sample is not made louder
_PEAK = 0.5  # of the result where the features do not tell the level


def griffin_lim(
    features: Any,
    frontend: Frontend,
    num_samples: int,
    iterations: int = 32,
    *,
    momentum: float = 0.99,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Compute samples whose features come near to the given ones; the phases are found by iteration.

    Normalization by constants, full cepstra, logarithms, bands and pre-emphasis are undone; between
    bands and bins by bins that are not negative. Where the level is lost, because the reference is
    the clip's own peak, the samples reach 0.5.

    Args:
        features: `(..., frames, bands)`, as `frontend(samples)` returns them.
        frontend: The definition that made them.
        num_samples: Length of the result.
        iterations: Rounds between samples and spectrum.
        momentum: Weight of the last step in the next; 0 is the algorithm of 1984.
        seed: Of the phases in the beginning.

    Returns:
        float32 samples, `(..., num_samples)`.

    Raises:
        SonogramError: A stage took away what cannot be brought back, or the shape does not fit.

    Example:
        >>> frontend = sg.Frontend(16000, 512, 128)
        >>> samples = np.sin(np.arange(8000) / 9)
        >>> heard = sg.griffin_lim(frontend(samples), frontend, 8000)
        >>> again = frontend(heard)
        >>> bool(np.linalg.norm(again - frontend(samples)) < 0.1 * np.linalg.norm(again))
        True
    """
    check_restorable(frontend)
    features = np.asarray(features)
    num_samples, iterations = operator.index(num_samples), operator.index(iterations)
    expected = (frontend.num_frames(num_samples), frontend.num_bands)
    if features.shape[-2:] != expected:
        raise SonogramError(
            f"{num_samples} samples have features of shape (..., {expected[0]}, {expected[1]}) in this "
            f"front end; got {features.shape}"
        )
    if iterations < 0 or not 0 <= momentum < 1:
        raise SonogramError(
            "iterations must not be negative and momentum lies from 0 up to 1; "
            f"got {iterations} and {momentum}"
        )
    if not np.isfinite(features).all():
        raise SonogramError("features must be finite; some are NaN or infinite")
    clips = math.prod(features.shape[:-2])
    flat = features.reshape(clips, *expected)
    result = np.zeros((clips, num_samples), np.float32)
    for index, clip in enumerate(flat):
        rng = np.random.default_rng((seed, index))
        result[index] = _clip(clip, frontend, num_samples, iterations, momentum, rng)
    return result.reshape(*features.shape[:-2], num_samples)


def _clip(
    features: NDArray[Any],
    frontend: Frontend,
    num_samples: int,
    iterations: int,
    momentum: float,
    rng: np.random.Generator,
) -> Floats:
    bare = plan(
        dataclasses.replace(
            frontend,
            conditioning=Conditioning(),
            spectrum=Magnitude(),
            bands=None,
            scaling=None,
            cepstrum=None,
            normalize=None,
            stack=None,
        )
    )
    dropped = frontend.conditioning.dropped
    kept = max(num_samples - dropped, 0)
    num_frames, valid = bare.num_frames(kept), bare.num_valid_frames(kept)
    if not len(features) or not valid:
        return np.zeros(num_samples)
    # Frames that are blank, or were left over by a stack, repeat the last one that is known.
    known = magnitudes(features, frontend)[:valid]
    wanted = known[np.minimum(np.arange(num_frames), len(known) - 1)]
    weight = _weight(bare, num_frames)
    bins = wanted * np.exp(2j * np.pi * rng.random(wanted.shape))
    before: Bins | float = 0.0
    for _ in range(iterations):
        reached = _spectrum(bare, _samples(bare, bins, weight, kept), num_frames)
        step = reached - momentum / (1 + momentum) * before
        before = reached
        bins = wanted * (step / np.maximum(np.abs(step), 1e-30))
    samples = np.pad(_samples(bare, bins, weight, kept), (num_samples - kept, 0))
    peak = np.abs(samples).max()
    return samples * (_PEAK / peak) if loses_level(frontend) and peak > 0 else samples


def _spectrum(bare: Plan, samples: Floats, num_frames: int) -> Bins:
    bins: Bins = numpy_engine.spectrum(bare, numpy_engine.frames_of(bare, samples, 0, num_frames))
    return bins


def _samples(bare: Plan, bins: Bins, weight: Floats, kept: int) -> Floats:
    """Return the samples whose spectrum is nearest to `bins`."""
    frames = np.fft.irfft(bins, bare.fft_length)[
        :, bare.window_offset : bare.window_offset + bare.frame_length
    ]
    total = _laid(bare, frames * bare.window) * weight
    left = bare.pad_left(kept)
    total = np.pad(total, (max(-left, 0), max(left + kept - len(total), 0)))
    return total[max(left, 0) : max(left, 0) + kept]


def _weight(bare: Plan, num_frames: int) -> Floats:
    """Return what each sample is divided by: the energy of the windows that saw it.

    Where that is little, at the ends of a clip, sound would grow out of rounding and guesses.
    """
    seen = _laid(bare, np.tile(bare.window**2, (num_frames, 1)))
    weight: Floats = 1 / np.maximum(seen, _FAINT * seen.max())
    return weight


def _laid(bare: Plan, frames: Floats) -> Floats:
    """Return frames laid one step apart and summed."""
    laid: Floats = namespace("numpy").overlap_add(
        frames[None], bare.frame_length, bare.frame_step, len(frames)
    )[0]
    return laid
