"""Sounds to draw: files, pipes, bytes and samples in memory, each opened for reading once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram import audio
from sonogram.audio import Audio, SoundSource
from sonogram.audio.memory import check_audio, read_audio

__all__ = ["Sound", "open_sound"]

_BLOCK = 1 << 19


@dataclass(frozen=True, eq=False)
class Sound:
    """A sound and its facts."""

    name: str
    """Name in errors: the path."""
    sample_rate: int
    """Hertz."""
    num_samples: int
    """Samples in each channel."""
    channels: int
    """Number of channels."""
    source: Any
    """Path, file object or `Audio`."""

    @property
    def title(self) -> str | None:
        """Name of the file; None for samples in memory and for standard input."""
        return None if isinstance(self.source, Audio) or self.name == "-" else os.path.basename(self.name)

    @property
    def began(self) -> datetime | None:
        """When the recording began, from its metadata or its name; None if neither states it."""
        return None if isinstance(self.source, Audio) else audio.recorded_at(self.source, self.name)

    def blocks(
        self, offset: float, duration: float | None, sample_rate: int, *, mono: bool
    ) -> Iterator[NDArray[np.float32]]:
        """Yield the samples of a part, `(channels, samples)`; one channel if `mono`.

        Args:
            offset: Start of the part, seconds.
            duration: Length of the part, seconds; None reads to the end.
            sample_rate: The wanted rate, Hz.
            mono: Whether to mix the channels.
        """
        rate = None if sample_rate == self.sample_rate else sample_rate
        if not isinstance(self.source, Audio):
            read = audio.blocks(
                self.source, _BLOCK, rate, mono=mono, offset=offset, duration=duration, partial=True
            )
            yield from map(np.atleast_2d, read)
            return
        yield read_audio(self.source, rate, mono=mono, offset=offset, duration=duration)


def open_sound(source: SoundSource | Audio) -> Sound:
    """Return a sound and its facts.

    Args:
        source: A path, bytes, a file object, or an `Audio`. The content of a pipe, which can be read once, is
            kept in memory.

    Raises:
        AudioError: The source cannot be read.
        SonogramError: The samples in memory or their rate are invalid.
    """
    if isinstance(source, Audio):
        source = check_audio(source, "recording")
        shape = source.samples.shape
        channels = 1 if len(shape) == 1 else shape[0]
        return Sound("recording", source.sample_rate, shape[-1], channels, source)
    source = audio.hold(source)
    facts = audio.info(source)
    return Sound(audio.source_name(source), facts.sample_rate, facts.num_samples, facts.channels, source)
