"""What a decoder is, and which one reads a source: libsndfile, else PyAV."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sonogram.audio.headers import broken_promise
from sonogram.audio.source import OpenSource, failure

__all__ = ["CHUNK_SAMPLES", "Decoder", "Frames", "Header", "UnknownSoundError", "decoder_for"]

Frames = npt.NDArray[np.float32]
"""Decoded samples as they lie in files, ``(samples, channels)``."""

CHUNK_SAMPLES = 1 << 16
"""About how many samples of each channel are decoded at a time."""


@dataclass(frozen=True)
class Header:
    """What is known of a sound before its samples are decoded."""

    sample_rate: int
    """Hertz, as the file says."""
    channels: int
    """Number of channels."""
    num_samples: int | None
    """Samples in each channel where the file states it exactly, else None: decode to count."""
    format: str
    """The container, ``"WAV"``."""
    subtype: str
    """The coding inside it, ``"PCM_16"``."""


class Decoder(Protocol):
    """An open sound."""

    @property
    def header(self) -> Header:
        """What is known before decoding."""

    def chunks(self, start: int, stop: int | None) -> Iterator[Frames]:
        """Decode the samples from ``start`` to ``stop`` (to the end where None), in pieces.

        Sample-exact: the same numbers as that slice of the whole file. Ends early where the sound
        does; raises AudioError where the sound is broken.
        """


class UnknownSoundError(Exception):
    """A decoder does not know this kind of file: another may."""


@contextmanager
def decoder_for(source: OpenSource) -> Iterator[Decoder]:
    """Find the decoder that knows ``source``.

    libsndfile decides first, so a format that it reads gives the same samples whether PyAV is
    installed or not; PyAV is asked only about kinds of files that libsndfile does not know.

    Args:
        source: the open source.

    Yields:
        The decoder, valid in the ``with`` block.

    Raises:
        AudioError: it is empty, truncated, broken, no sound, or needs the extra ``[av]``.
    """
    # Each library is imported when a sound is opened: neither is needed for `sonogram --help`.
    from sonogram.audio import container, sndfile

    if source.file.read(1) == b"":
        raise failure(source.name, "is empty (0 bytes)", "copy or record it again")
    if (reason := broken_promise(source.file)) is not None:
        raise failure(source.name, f"truncated: {reason}", "copy or download it again")
    try:
        found: sndfile.Sndfile | container.Container = sndfile.Sndfile(source)
    except UnknownSoundError as unknown:
        source.file.seek(0)
        found = container.open_container(source, str(unknown))
    with found as decoder:
        yield decoder
