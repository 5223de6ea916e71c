"""Sound in memory, checked as files are when they are read."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from sonogram.audio.rates import RATE_RULE, is_rate
from sonogram.audio.read import Audio
from sonogram.audio.resample import resample
from sonogram.errors import SonogramError
from sonogram.samples import MAX_CHANNELS, to_float32

__all__ = ["check_audio", "read_audio"]


def check_audio(sound: Audio, name: str) -> Audio:
    """Return a sound in memory as float32, `(samples,)` or `(channels, samples)`.

    Args:
        sound: The sound.
        name: Name in errors.

    Raises:
        SonogramError: The rate is invalid; the samples have another shape or type, or are not finite.
    """
    samples, rate = sound
    if not is_rate(rate):
        raise SonogramError(f"{name}: {RATE_RULE}; got {rate!r:.80}")
    if isinstance(samples, str | bytes | os.PathLike):
        raise SonogramError(f"{name}: samples must be an array. Pass the path itself, or sonogram.load(path)")
    try:
        samples = to_float32(samples)
    except SonogramError as error:
        raise SonogramError(f"{name}: {error}") from None
    if samples.ndim not in (1, 2) or not samples.size:
        raise SonogramError(
            f"{name}: samples must be (samples,) or (channels, samples), at least one; got {samples.shape}"
        )
    if samples.ndim == 2 and samples.shape[1] <= MAX_CHANNELS < samples.shape[0]:
        raise SonogramError(
            f"{name}: samples must be (channels, samples); got {samples.shape}: channels last; transpose them"
        )
    if not np.isfinite(samples).all():
        raise SonogramError(f"{name}: samples must be finite; got NaN or infinity. Use numpy.nan_to_num")
    return Audio(samples, int(rate))


def read_audio(
    sound: Audio,
    sample_rate: int | None = None,
    *,
    mono: bool,
    offset: float = 0.0,
    duration: float | None = None,
) -> NDArray[np.float32]:
    """Return a part of a sound in memory, `(channels, samples)`; one channel if `mono`.

    Args:
        sound: The sound.
        sample_rate: The wanted rate, Hz; None is that of the sound.
        mono: Whether to mix the channels.
        offset: Start of the part, seconds.
        duration: Length of the part, seconds, at least one sample; None reads to the end.
    """
    samples, rate = np.atleast_2d(np.asarray(sound.samples, np.float32)), sound.sample_rate
    start = round(offset * rate)
    stop = None if duration is None else start + max(1, round(duration * rate))
    samples = samples[:, start:stop]
    if mono:
        samples = samples.mean(axis=0, dtype=np.float32, keepdims=True)
    return samples if sample_rate in (None, rate) else resample(samples, rate, sample_rate)
