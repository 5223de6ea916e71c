"""The inverse of the complex spectrum: overlap-add, divided by the windows that cover each sample.

Source: D. Griffin, J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE
TASSP 32 (1984), equation 6.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sonogram.definition import Definition
from sonogram.engines.arrays import Arrays, dtype_name, library, namespace
from sonogram.engines.plan import Plan, plan
from sonogram.errors import SonogramError
from sonogram.inversion.whole import whole
from sonogram.obstacles import require_possible
from sonogram.samples import refuse_mask

__all__ = ["istft"]


def istft(spectrum: Any, definition: Definition, num_samples: int) -> Any:
    """Return the samples whose spectrum is nearest to `spectrum`.

    Args:
        spectrum: Complex bins, `(..., frames, bins)`.
        definition: Front end of the spectrum.
        num_samples: Length of the result, samples.

    Returns:
        float32 samples, `(..., num_samples)`, of the library of `spectrum`.

    Raises:
        SonogramError: The shape does not fit, or `obstacles("invert")` prevents it.

    Example:
        >>> frontend = sg.Frontend(16000, 512, 128, padding=sg.padding.Center())
        >>> sg.inversion.istft(frontend.stft(np.zeros(8000)), frontend, 8000).shape
        (8000,)

    See Also:
        Frontend.istft: the same as a method.
    """
    compiled = plan(definition)
    refuse_mask(spectrum, "the spectrum")
    xp = namespace(library(spectrum))
    num_samples = whole("num_samples", num_samples)
    shape = tuple(spectrum.shape)
    if len(shape) < 2 or shape[-1] != compiled.num_bins:
        raise SonogramError(
            f"the spectrum must have shape (..., frames, {compiled.num_bins}) in this front end; got {shape}"
        )
    require_possible(definition, "invert")
    if "complex" not in dtype_name(spectrum):
        raise SonogramError(
            f"the spectrum must be complex, as stft returns it; got {dtype_name(spectrum)}. For features use "
            "sonogram.inversion.griffin_lim"
        )
    num_frames = shape[-2]
    if num_frames is None:
        raise SonogramError("the spectrum must have a known number of frames; set its static shape")
    expected = compiled.num_frames(compiled.num_conditioned(num_samples))
    if num_frames != expected:
        raise SonogramError(
            f"the spectrum of {num_samples} samples must have {expected} frames in this front end; "
            f"got {num_frames}"
        )
    flat, leading = xp.flatten(spectrum, 2)
    conditioned = _samples(compiled, xp, flat, num_frames, num_samples)
    samples = xp.unflatten(_undo_conditioning(compiled, xp, conditioned, num_samples), leading)
    return samples.astype(np.float32) if xp.name == "numpy" else samples


def _samples(plan: Plan, xp: Arrays, spectrum: Any, num_frames: int, num_samples: int) -> Any:
    """Return conditioned samples, `(batch, samples)`."""
    frames = xp.irfft(spectrum, plan.fft_length)
    if num_frames == 0:
        return xp.pad(xp.reshape(frames, (xp.size(frames, 0), 0)), 0, num_samples, -1)
    frames = xp.crop(frames, plan.window_offset, plan.frame_length, -1)
    step, length = plan.frame_step, plan.frame_length
    total = xp.overlap_add(frames * xp.constant(plan.window, frames), length, step, num_frames)
    squares = np.tile(plan.window**2, (1, num_frames, 1))
    energy = namespace("numpy").overlap_add(squares, length, step, num_frames)
    # Where the squares of the windows nearly vanish, the samples are lost: 0 there, not rounding noise.
    weight = np.where(energy > 1e-10 * energy.max(), 1 / np.maximum(energy, 1e-300), 0.0)[0]
    samples = total * xp.constant(weight, total)
    pad_left = plan.pad_left(num_samples)
    samples = xp.pad(samples, max(-pad_left, 0), max(pad_left + num_samples - xp.size(samples, -1), 0), -1)
    return xp.crop(samples, max(pad_left, 0), num_samples, -1)


def _undo_conditioning(plan: Plan, xp: Arrays, samples: Any, num_samples: int) -> Any:
    rule = plan.definition.conditioning
    if rule.scale != 1:
        samples = samples * (1 / rule.scale)
    preemphasis = rule.clip_preemphasis
    if preemphasis is None:
        return samples
    decay = preemphasis.coefficient
    if preemphasis.boundary == "repeat" and num_samples:
        gain = np.ones(num_samples)
        gain[0] = 1 / (1 - decay)
        samples = samples * xp.constant(gain, samples)
    # The inverse filter 1 / (1 - c z^-1) is the product of 1 + c^k z^-k for k = 1, 2, 4, ... A product
    # of n terms reaches 2^n samples back, without a loop over samples. Terms below float64 are left out.
    shift = 1
    while shift < num_samples and abs(decay) ** shift > 1e-18:
        samples = samples + decay**shift * xp.crop(xp.pad(samples, shift, 0, -1), 0, num_samples, -1)
        shift *= 2
    return samples
