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

__all__ = ["CHUNK_SAMPLES", "Decoder", "Header", "MixLevels", "Samples", "UnknownSoundError", "planes"]

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

    @property
    def mix_loss(self) -> float:
        """The power of the channels divided by that of their mean, of what was decoded as mono; or 1."""

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


class MixLevels:
    """How much of the channels their mean keeps, judged by some of the samples; as in the native library."""

    def __init__(self) -> None:
        self._count = 0
        self._power = self._mixed = 0.0

    def add(self, frames: npt.NDArray[np.float32]) -> None:
        """Take decoded frames, `(samples, channels)`."""
        some = frames[::61].astype(np.float64)
        self._count += len(some)
        self._power += float((some**2).mean(axis=1).sum())
        self._mixed += float((some.mean(axis=1) ** 2).sum())

    @property
    def loss(self) -> float:
        """The power of the channels divided by that of their mean; 1 if there is no sound."""
        if self._count == 0 or self._power < 1e-8 * self._count:
            return 1.0
        return self._power / max(self._mixed, 1e-20 * self._power)


class UnknownSoundError(Exception):
    """A decoder does not support this kind of file: another may. The text is its reason.

    Attributes:
        missing: Bytes of samples that the header states and that the file holds, if it holds fewer.
    """

    def __init__(self, reason: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.missing = missing


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
