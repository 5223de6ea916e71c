"""The exact inverse of the complex spectrum: overlap-add, weighted by what each sample was seen with.

Source: D. Griffin, J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE
TASSP 32 (1984), equation 6.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from sonogram.engines.arrays import Arrays, library, namespace
from sonogram.engines.plan import Plan, plan
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend

__all__ = ["inverse"]


def inverse(spectrum: Any, frontend: Frontend, num_samples: int) -> Any:
    """Compute the samples whose spectrum is nearest to `spectrum`, and the original where it is one.

    Args:
        spectrum: Complex bins, `(..., frames, bins)`, as `frontend.spectrum(samples)` returns them.
        frontend: The definition; of its stages only framing, window and conditioning matter.
        num_samples: Length of the result. Samples that no window saw are 0.

    Returns:
        float32 samples, `(..., num_samples)`, of the same library as `spectrum`.

    Raises:
        SonogramError: The shape does not fit, or the conditioning cannot be undone.

    Example:
        >>> frontend = sg.Frontend(16000, 512, 128, padding=sg.padding.Center())
        >>> samples = np.sin(np.arange(8000) / 9)
        >>> restored = inverse(frontend.spectrum(samples), frontend, 8000)
        >>> float(abs(restored - samples).max()) < 1e-6
        True
    """
    compiled = plan(frontend)
    xp = namespace(library(spectrum))
    num_samples = operator.index(num_samples)
    shape = tuple(spectrum.shape)
    if len(shape) < 2 or shape[-1] != compiled.num_bins:
        raise SonogramError(
            f"this front end's spectrum is (..., frames, {compiled.num_bins}); got shape {shape}"
        )
    _check(frontend)
    num_frames = shape[-2]
    expected = frontend.num_frames(num_samples) // (frontend.stack.size if frontend.stack else 1)
    if num_frames is None:
        raise SonogramError(
            "the inverse needs a known number of frames; set the static shape of the spectrum"
        )
    if not frontend.stack and num_frames != expected:
        raise SonogramError(
            f"{num_samples} samples have {expected} frames in this front end; got {num_frames}"
        )
    leading = [xp.size(spectrum, axis) for axis in range(-len(shape), -2)]
    count = math.prod(leading) if all(isinstance(size, int) for size in leading) else -1
    flat = xp.reshape(spectrum, (count, num_frames, compiled.num_bins))
    samples = _restore(compiled, xp, flat, num_frames, num_samples)
    samples = xp.reshape(samples, (*leading, num_samples))
    return samples.astype(np.float32) if xp.name == "numpy" else samples


def _check(frontend: Frontend) -> None:
    rule = frontend.conditioning
    reason = None
    if rule.frame_preemphasis is not None:
        reason = "a pre-emphasis that starts anew in each frame"
    elif rule.remove_mean is not None:
        reason = "a mean that was removed"
    elif rule.dropped:
        reason = "a first sample that was dropped"
    if reason is not None:
        raise SonogramError(
            f"the inverse cannot bring back {reason}; take the spectrum with conditioning=Conditioning()"
        )


def _restore(plan: Plan, xp: Arrays, spectrum: Any, num_frames: int, num_samples: int) -> Any:
    frames = xp.irfft(spectrum, plan.fft_length)
    if num_frames == 0:
        return xp.pad(xp.reshape(frames, (xp.size(frames, 0), 0)), 0, num_samples, -1)
    frames = xp.crop(frames, plan.window_offset, plan.frame_length, -1)
    step, length = plan.frame_step, plan.frame_length
    total = xp.overlap_add(frames * xp.constant(plan.window, frames), length, step, num_frames)
    reference = namespace("numpy")
    seen = reference.overlap_add(np.tile(plan.window**2, (1, num_frames, 1)), length, step, num_frames)
    # Where the squares of the window all but vanish there is nothing to divide.
    weight = np.where(seen > 1e-10 * seen.max(), 1 / np.maximum(seen, 1e-300), 0.0)[0]
    samples = total * xp.constant(weight, total)
    left = plan.pad_left(num_samples)
    samples = xp.pad(samples, 0, max(left + num_samples - xp.size(samples, -1), 0), -1)
    samples = (
        xp.pad(samples, -left, 0, -1) if left < 0 else xp.crop(samples, left, xp.size(samples, -1) - left, -1)
    )
    return _undo(plan, xp, xp.crop(samples, 0, num_samples, -1), num_samples)


def _undo(plan: Plan, xp: Arrays, samples: Any, num_samples: int) -> Any:
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
    shift = 1
    # 1 / (1 - c z^-1) as a product of 1 + c^k z^-k, k doubling; terms below float64 are left out.
    while shift < num_samples and abs(decay) ** shift > 1e-18:
        samples = samples + decay**shift * xp.crop(xp.pad(samples, shift, 0, -1), 0, num_samples, -1)
        shift *= 2
    return samples
