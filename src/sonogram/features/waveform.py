"""Descriptors of the samples themselves, over centered frames."""

from __future__ import annotations

from typing import Any

import numpy as np

from sonogram.engines.arrays import Arrays, dtype_name, library, namespace
from sonogram.errors import SonogramError
from sonogram.features.values import drop_last, positive_whole, result
from sonogram.samples import check_dtype, refuse_mask

__all__ = ["rms", "zero_crossing_rate"]

_SILENCE = 1e-10  # samples of at most this are 0 and have no sign


def rms(samples: Any, frame_length: int = 2048, frame_step: int = 512) -> Any:
    """Return the root mean square of each frame: its level.

    Args:
        samples: `(..., samples)`, floating point or 16-bit integers, which become [-1, 1].
        frame_length: Length of a frame in samples.
        frame_step: Samples from one frame to the next. Frame t is centered on sample `t * frame_step`; beyond
            the clip are zeros.

    Returns:
        float32 `(..., frames)`, in the unit of the samples.

    Raises:
        SonogramError: A length is no whole number above 0.

    Example:
        >>> sg.features.rms(np.ones(4096))[2:5]
        array([1., 1., 1.], dtype=float32)

    See Also:
        zero_crossing_rate: over the same frames.
    """
    length, step = positive_whole("frame_length", frame_length), positive_whole("frame_step", frame_step)
    xp, samples = _open(samples)
    frames = _frames(xp, samples, length, step, repeat=False)
    return result(xp, drop_last(xp, xp.safe_sqrt(xp.asum(frames * frames, (-1,)) / length)))


def zero_crossing_rate(samples: Any, frame_length: int = 2048, frame_step: int = 512) -> Any:
    """Return how often the sign of the samples changes in each frame: high for noise and for "s".

    Args:
        samples: `(..., samples)`. Samples of at most 1e-10 are 0, which counts as positive.
        frame_length: Length of a frame in samples.
        frame_step: Samples from one frame to the next. Frame t is centered on sample `t * frame_step`; beyond
            the clip its first and last sample are repeated.

    Returns:
        float32 changes per sample, `(..., frames)`. It has no gradient.

    Raises:
        SonogramError: A length is no whole number above 0, or a frame has one sample.

    Example:
        >>> alternating = np.tile([1.0, -1.0], 2048)
        >>> float(sg.features.zero_crossing_rate(alternating)[3].round(2))
        1.0
    """
    length, step = positive_whole("frame_length", frame_length), positive_whole("frame_step", frame_step)
    if length < 2:
        raise SonogramError("frame_length must be at least 2: one sample does not change its sign; got 1")
    xp, samples = _open(samples)
    frames = _frames(xp, samples, length, step, repeat=True)
    negative = xp.where(frames < -_SILENCE, xp.ones_like(frames), xp.zeros_like(frames))
    change = xp.crop(negative, 1, length - 1, -1) - xp.crop(negative, 0, length - 1, -1)
    return result(xp, drop_last(xp, xp.asum(change * change, (-1,)) / length))


def _open(samples: Any) -> tuple[Arrays, Any]:
    """Return the namespace of samples, and the samples in the precision in which it computes."""
    if isinstance(samples, list | tuple):  # an `Audio` is a tuple that begins with its samples
        samples = samples[0] if hasattr(samples, "sample_rate") else np.asarray(samples)
    refuse_mask(samples)
    xp = namespace(library(samples))
    if not len(samples.shape) or 0 in samples.shape[-1:]:
        raise SonogramError(f"samples must be (..., samples), at least one; got {tuple(samples.shape)}")
    check_dtype(dtype_name(samples))
    return xp, xp.samples(samples)


def _frames(xp: Arrays, samples: Any, length: int, step: int, *, repeat: bool) -> Any:
    """Return centered frames, `(..., frames, length)`; beyond the clip its edges are repeated, or zeros."""
    flat, leading = xp.flatten(samples, 1)
    half, size = length // 2, xp.size(flat, -1)
    if repeat:
        first, last = xp.crop(flat, 0, 1, -1), xp.crop(flat, size - 1, 1, -1)
        # An edge is zeros plus the sample: a copy without a gather.
        ends = [xp.pad(xp.zeros_like(first), half - 1, 0, -1) + edge for edge in (first, last)]
        padded = xp.concatenate([ends[0], flat, ends[1]], -1)
    else:
        padded = xp.pad(flat, half, half, -1)
    count = (size + 2 * half - length) // step + 1
    frames = xp.frame(xp.crop(padded, 0, (count - 1) * step + length, -1), length, step, count)
    return xp.unflatten(frames, leading) if leading else frames[0]
