"""Clips to compare models on: the caller's recordings, or generated sounds of many kinds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.exporting.model import ModelInput
from sonogram.samples import to_float32

__all__ = ["BATCH_SIZE", "Case", "Values", "check_clips", "comparison_cases", "generate_clips", "is_single"]

Samples: TypeAlias = NDArray[np.float32]
Values: TypeAlias = NDArray[np.generic]
Case: TypeAlias = Mapping[str, Values]
"""Inputs or outputs of one run, by name."""

BATCH_SIZE = 8
_SECONDS = (0.73, 1.0, 2.1)  # not multiples of a usual frame step; the last one is timed


def generate_clips(num_samples: int, sample_rate: float) -> list[Samples]:
    """Return eight clips of one length: noises, tones, a voice, clicks, silence.

    All but the silence contain noise, so that no band is 60 dB below the loudest one of its frame: far
    below a tone, float32 has rounding errors only, which measure nothing about a model.
    """
    rng = np.random.default_rng(num_samples)
    time = np.arange(num_samples) / sample_rate
    duration = max(num_samples / sample_rate, 1e-9)
    noise = rng.standard_normal((7, num_samples))
    sweep = np.sin(2 * np.pi * (50 * time + (0.4 * sample_rate - 50) / (2 * duration) * time**2))
    pitch = 120 + 30 * np.sin(2 * np.pi * 1.3 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / sample_rate
    voice = sum(np.sin(k * phase) / k for k in range(1, 20)) * (1.1 + np.sin(2 * np.pi * 4 * time))
    clicks = np.zeros(num_samples)
    clicks[:: max(int(0.11 * sample_rate), 1)] = 0.9
    clips = [
        0.1 * noise[0],
        0.3 * np.sin(2 * np.pi * 440 * time) + 0.1 * np.sin(2 * np.pi * 1500 * time) + 1e-2 * noise[1],
        0.1 * voice + 1e-2 * noise[2],
        0.5 * sweep + 1e-2 * noise[3],
        clicks + 1e-2 * noise[4],
        1e-3 * noise[5],
        np.zeros(num_samples),
        np.clip(noise[6], -1, 1),
    ]
    return [np.clip(clip, -1, 1).astype(np.float32) for clip in clips]


def check_clips(samples: Any) -> list[Samples]:
    """Return the caller's clips, `(samples,)` each.

    Raises:
        SonogramError: There are none, or one has another shape or is not finite.
    """
    clips = [to_float32(clip) for clip in samples]
    if not clips:
        raise SonogramError("samples holds no clip to compare on; leave it out for generated ones")
    for number, clip in enumerate(clips):
        is_finite = np.isfinite(clip).all()
        if clip.ndim != 1 or not clip.size or not is_finite:
            raise SonogramError(
                f"samples must be clips of shape (samples,), all finite; number {number} "
                f"has the shape {clip.shape}" + ("" if is_finite else " and is not finite")
            )
    return clips


def comparison_cases(
    inputs: Sequence[ModelInput], sample_rate: float, clips: Sequence[Samples] | None, stretch: float = 1
) -> list[Case]:
    """Return the inputs of every run: each clip alone, and in batches of eight.

    Args:
        inputs: The inputs of the exported model.
        sample_rate: Hertz.
        clips: The caller's clips; None generates some.
        stretch: Factor for the usual length of generated clips.
    """
    batch_size, *_, fixed = _input(inputs, "samples").shape
    if clips is None:
        lengths = [fixed] if fixed else [round(stretch * seconds * sample_rate) for seconds in _SECONDS]
        batches = [generate_clips(length, sample_rate) for length in lengths]
    else:
        batches = [list(clips[start : start + BATCH_SIZE]) for start in range(0, len(clips), BATCH_SIZE)]
    cases: list[Case] = []
    for batch in batches:
        # A single clip keeps its length; a batch has that of its longest clip.
        cases.extend(_case(inputs, [clip]) for clip in batch)
        if batch_size is None and len(batch) > 1:
            cases.append(_case(inputs, batch))
    # The longest clip is run once more, to time it.
    longest = max((clip for batch in batches for clip in batch), key=len)
    return [*cases, _case(inputs, [longest])]


def is_single(cases: Sequence[Case]) -> list[bool]:
    """Return which runs count for single clips, once for each clip: neither batches nor the last run."""
    return [number < len(cases) - 1 and len(case["samples"]) == 1 for number, case in enumerate(cases)]


def _case(inputs: Sequence[ModelInput], clips: Sequence[Samples]) -> Case:
    size = _input(inputs, "samples").shape[-1] or max(map(len, clips))
    batch = np.zeros((len(clips), size), np.float32)
    for row, clip in zip(batch, clips, strict=True):
        row[: len(clip)] = clip[:size]
    lengths = np.array([min(len(clip), size) for clip in clips])
    case: dict[str, Any] = {}
    for each in inputs:
        value = lengths if each.name == "lengths" else batch
        channels = [size or 1 for size in each.shape[1 : len(each.shape) - value.ndim + 1]]
        shape = (len(clips), *channels, *value.shape[1:])
        if value is batch and channels:
            value = _channels(batch, math.prod(channels)).reshape(shape)
        else:
            value = value.reshape(len(clips), *[1] * len(channels), *value.shape[1:])
        case[each.name] = np.broadcast_to(value, shape).astype(each.dtype)
    return case


def _channels(batch: Samples, count: int) -> Samples:
    """Return channels of clips, `(clips, channels, samples)`: each one sample earlier and quieter.

    Equal channels would hide their order, and all that depends on delays. What is after a clip remains 0.
    """
    size = batch.shape[-1]
    delayed = [
        0.9**channel * np.pad(batch[:, channel:], ((0, 0), (0, channel)))[:, :size]
        for channel in range(count)
    ]
    return np.stack(delayed, axis=1).astype(np.float32)


def _input(inputs: Sequence[ModelInput], name: str) -> ModelInput:
    for each in inputs:
        if each.name == name:
            return each
    names = ", ".join(f"{each.name} {each.shape}" for each in inputs)
    raise SonogramError(f"a model takes samples, or samples and lengths; this one takes {names}")
