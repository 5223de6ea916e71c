"""What a decoder is: an open sound that gives its samples in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from sonogram.audio.problems import Problem, failure
from sonogram.errors import AudioError

__all__ = ["CHUNK_SAMPLES", "Decoder", "Header", "Samples", "UnknownSoundError", "planes"]

Samples = npt.NDArray[np.float32]
"""Decoded samples, `(channels, samples)`."""

CHUNK_SAMPLES = 1 << 16
"""About how many samples of each channel are decoded at a time."""


@dataclass(frozen=True)
class Header:
    """What is known of a sound before its samples are decoded."""

    sample_rate: int
    """Hertz, as stated by the file."""
    channels: int
    """Number of channels."""
    num_samples: int | None
    """Samples in each channel where the file states it exactly, else None: decode to count."""
    format: str
    """The container, `"WAV"`."""
    subtype: str
    """The coding inside it, `"PCM_16"`."""
    not_closed: bool = False
    """Whether the size in the header was never written, so that the file is read to its end."""
    missing: AudioError | None = None
    """Why the sound is shorter than its header states; only of a sound opened to be read in part."""


class Decoder(Protocol):
    """An open sound, closed at the end of a `with` block."""

    @property
    def header(self) -> Header:
        """What is known before decoding."""

    def chunks(self, start: int, stop: int | None, *, mono: bool, whole: bool) -> Iterator[Samples]:
        """Decode the samples from `start` to `stop` (to the end where None), in pieces.

        Sample-exact: the same numbers as that slice of the whole file. Ends early where the sound does.

        Args:
            start: the first sample.
            stop: the sample after the last one, or None.
            mono: whether to give the mean of the channels, `(1, samples)`.
            whole: whether all pieces will be held at once, so that they may be large.

        Yields:
            `(channels, samples)`.

        Raises:
            AudioError: the sound is corrupt or truncated, or a sample is not finite.
        """

    def __enter__(self) -> Decoder: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class UnknownSoundError(Exception):
    """A decoder does not know this kind of file: another may. The text is its reason."""


def planes(frames: npt.NDArray[Any], first: int, sample_rate: int, name: str, *, mono: bool) -> Samples:
    """Bring decoded frames into the form that `Decoder.chunks` gives.

    Args:
        frames: float32, `(samples, channels)`.
        first: place of the first one in the file, for errors.
        sample_rate: hertz.
        name: the source, for errors.
        mono: whether to give the mean of the channels.

    Raises:
        AudioError: a sample is not finite.
    """
    finite = np.isfinite(frames)
    if not finite.all():
        seconds = (first + int(np.argmin(finite.all(axis=1)))) / sample_rate
        raise failure(name, Problem.NOT_FINITE, f"{seconds:.6g}")
    if not mono:
        return np.ascontiguousarray(frames.T)
    total = frames[:, 0].copy()
    for channel in range(1, frames.shape[1]):  # a mean over the short axis is 20 times as slow
        total += frames[:, channel]
    total /= frames.shape[1]
    return total[None]
