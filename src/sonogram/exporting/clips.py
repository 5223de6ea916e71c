"""Clips to compare models on: the recordings that were given, or sounds of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.exporting.runner import Case
from sonogram.exporting.serving import Port

__all__ = ["BATCH", "alone", "cases", "generated", "given"]

Samples = NDArray[np.float32]

BATCH = 8
_SECONDS = (0.73, 1.0, 2.1)  # not in order of any frame step; the last one is timed


def generated(num_samples: int, sample_rate: float) -> list[Samples]:
    """Return eight clips of one length: noises, tones, a voice, clicks, silence.

    All but the silence hold noise, so that no band is 60 dB below its frame's loudest one: what is far
    below a tone is rounding error in float32, and no measure of a model.
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


def given(samples: Any) -> list[Samples]:
    """Return the clips that the caller gave, `(samples,)` each.

    Raises:
        SonogramError: They are no clips.
    """
    clips = [np.asarray(clip, np.float32) for clip in samples]
    if not clips:
        raise SonogramError("samples holds no clip to compare on; leave it out for generated ones")
    for number, clip in enumerate(clips):
        if clip.ndim != 1 or not clip.size or not np.isfinite(clip).all():
            raise SonogramError(
                f"samples must be clips of shape (samples,), all finite; number {number} "
                f"has the shape {clip.shape}" + ("" if np.isfinite(clip).all() else " and is not finite")
            )
    return clips


def cases(
    ports: Sequence[Port], sample_rate: float, clips: Sequence[Samples] | None, stretch: float = 1
) -> list[Case]:
    """Return the inputs of every run: each length, alone and in batches of eight.

    Args:
        ports: The inputs of the exported model.
        sample_rate: Hertz.
        clips: The caller's; None generates them.
        stretch: How much longer than usual the generated ones are.
    """
    fixed = _port(ports, "samples").shape[-1]
    if clips is None:
        lengths = [fixed] if fixed else [round(stretch * seconds * sample_rate) for seconds in _SECONDS]
        sets = [generated(length, sample_rate) for length in lengths]
    else:
        sets = [list(clips[start : start + BATCH]) for start in range(0, len(clips), BATCH)]
    found: list[Case] = []
    for batch in sets:
        # A clip alone keeps its length; in a batch all have that of the longest.
        found.extend(_case(ports, [clip]) for clip in batch)
        if _port(ports, "samples").shape[0] is None and len(batch) > 1:
            found.append(_case(ports, batch))
    # The longest clip comes once more, for its time.
    longest = max((clip for batch in sets for clip in batch), key=len)
    return [*found, _case(ports, [longest])]


def alone(cases: Sequence[Case]) -> list[bool]:
    """Return which runs are of one clip: each clip has one. Batches and the last run repeat them."""
    return [number < len(cases) - 1 and len(case["samples"]) == 1 for number, case in enumerate(cases)]


def _case(ports: Sequence[Port], clips: Sequence[Samples]) -> Case:
    fixed = _port(ports, "samples").shape[-1]
    size = fixed or max(len(clip) for clip in clips)
    batch = np.zeros((len(clips), size), np.float32)
    for row, clip in zip(batch, clips, strict=True):
        row[: len(clip)] = clip[:size]
    lengths = np.array([min(len(clip), size) for clip in clips])
    case: dict[str, Any] = {}
    for port in ports:
        channels = (
            [size or 1 for size in port.shape[1:]]
            if port.name == "lengths"
            else [size or 1 for size in port.shape[1:-1]]
        )
        value = lengths if port.name == "lengths" else batch
        shape = (len(clips), *[1] * len(channels), *value.shape[1:])
        tiles = (1, *channels, *[1] * (value.ndim - 1))
        case[port.name] = np.tile(value.reshape(shape), tiles).astype(port.dtype)
    return case


def _port(ports: Sequence[Port], name: str) -> Port:
    found = [port for port in ports if port.name == name]
    if not found:
        named = ", ".join(f"{port.name} {port.shape}" for port in ports)
        raise SonogramError(f"a model takes samples, or samples and lengths; this one takes {named}")
    return found[0]
