"""Samples out of a source: whole, in part, or in blocks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sonogram.audio.decoder import Decoder, Frames, Header, decoder_for
from sonogram.audio.resample import MAX_RATIO, resampled
from sonogram.audio.source import SoundSource, failure, opened
from sonogram.errors import AudioError

__all__ = ["Audio", "AudioInfo", "blocks", "info", "load"]

Samples = npt.NDArray[np.float32]


class Audio(NamedTuple):
    """Sound in memory."""

    samples: Samples
    """float32, full scale is [-1, 1]: ``(samples,)``, or ``(channels, samples)``."""
    sample_rate: int
    """Hertz."""


@dataclass(frozen=True)
class AudioInfo:
    """What a file holds."""

    sample_rate: int
    """Hertz."""
    channels: int
    """Number of channels."""
    num_samples: int
    """Samples in each channel."""
    format: str
    """The container: ``"WAV"``, ``"FLAC"``, ``"MP4"``."""
    subtype: str
    """The coding inside it: ``"PCM_16"``, ``"VORBIS"``, ``"AAC"``."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.num_samples / self.sample_rate


@dataclass(frozen=True)
class _Request:
    """What part of a sound is wanted, and how: checked."""

    sample_rate: int | None
    mono: bool
    offset: float
    duration: float | None

    def __post_init__(self) -> None:
        _check_sample_rate(self.sample_rate)
        if not (math.isfinite(self.offset) and self.offset >= 0):
            raise AudioError(f"offset must be a number of seconds from 0 on, not {self.offset}")
        if self.duration is not None and not (math.isfinite(self.duration) and self.duration > 0):
            raise AudioError(
                f"duration must be a number of seconds above 0, not {self.duration}; None reads to the end"
            )


def load(
    source: SoundSource,
    sample_rate: int | None = None,
    *,
    mono: bool = True,
    offset: float = 0.0,
    duration: float | None = None,
) -> Audio:
    """Read a sound into memory.

    WAV, AIFF, CAF, FLAC, Ogg Vorbis, Opus and MP3 are decoded by libsndfile; AAC, M4A, MP4, WebM
    and others by PyAV, which ``pip install "sonogram[av]"`` brings. Integers become floats by
    their full scale; floats stay as they are, beyond [-1, 1] too.

    ``offset`` and ``duration`` are exact in samples of the file: the part from
    ``round(offset * rate)`` on, ``round(duration * rate)`` samples or as many as there are. It
    equals that slice of the whole in every format; lossy ones are decoded from their start for
    it. Resampling (soxr, high quality) sees that part alone, with silence around it, and gives
    ``ceil(samples * new_rate / rate)`` samples.

    Args:
        source: a path, the bytes of a file, or a file object opened in binary mode (read from its
            very start; its position is restored).
        sample_rate: the wanted rate in hertz; None keeps the rate of the file.
        mono: mix the channels to one, their mean.
        offset: where to begin, in seconds.
        duration: how much to read, in seconds; None reads to the end.

    Returns:
        The samples, ``(samples,)`` if mono, else ``(channels, samples)``, and their rate.

    Raises:
        AudioError: the source cannot be read, is broken or truncated, holds no samples or samples
            that are not finite, or ends before ``offset``. One line: which file, why, what to do.

    Example:
        >>> import io, soundfile
        >>> file = io.BytesIO()
        >>> soundfile.write(file, np.zeros(8000), 8000, format="WAV")
        >>> samples, sample_rate = sg.load(file, 16000, duration=0.5)
        >>> samples.shape, sample_rate
        ((8000,), 16000)
    """
    request = _Request(sample_rate, mono, offset, duration)
    with _decoding(source, request) as (frames, rate):
        pieces = list(frames)
    whole = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    return Audio(_shaped(whole, mono), rate)


def blocks(
    source: SoundSource,
    block_samples: int,
    sample_rate: int | None = None,
    *,
    mono: bool = True,
    offset: float = 0.0,
    duration: float | None = None,
) -> Iterator[Samples]:
    """Read a sound block by block, in memory that does not grow with the file.

    Joined along their last axis the blocks equal ``load`` with the same arguments, bit for bit:
    the resampler keeps its state between them. The source is opened when the first block is
    asked for and closed after the last; what is wrong with it is raised then, and damage in the
    middle of a file only when reading gets there.

    Args:
        source: as for ``load``.
        block_samples: length of a block at the wanted rate; the last one may be shorter.
        sample_rate: the wanted rate in hertz; None keeps the rate of the file.
        mono: mix the channels to one, their mean.
        offset: where to begin, in seconds.
        duration: how much to read, in seconds; None reads to the end.

    Returns:
        Iterator of float32 blocks, ``(block_samples,)`` if mono, else
        ``(channels, block_samples)``.

    Raises:
        AudioError: as for ``load``.

    Example:
        >>> import io, soundfile
        >>> file = io.BytesIO()
        >>> soundfile.write(file, np.zeros(8000), 8000, format="WAV")
        >>> [len(block) for block in blocks(file, 3000)]
        [3000, 3000, 2000]
    """
    if isinstance(block_samples, bool) or block_samples != int(block_samples) or block_samples < 1:
        raise AudioError(f"block_samples must be a whole number above 0, not {block_samples}")
    return _blocks(source, int(block_samples), _Request(sample_rate, mono, offset, duration))


def _blocks(source: SoundSource, size: int, request: _Request) -> Iterator[Samples]:
    with _decoding(source, request) as (frames, _):
        for block in _rechunked(frames, size):
            yield _shaped(block, request.mono)


def info(source: SoundSource) -> AudioInfo:
    """What a file holds: rate, channels, length, format.

    Reads the header alone where that states the length. Where it does not (MP3 without a length
    tag, raw AAC, every format read by PyAV) the file is decoded to count.

    Args:
        source: as for ``load``.

    Returns:
        The facts; ``num_samples`` is what ``load`` gives at the file's own rate.

    Raises:
        AudioError: the source cannot be read, is truncated, or holds no samples.

    Example:
        >>> import io, soundfile
        >>> file = io.BytesIO()
        >>> soundfile.write(file, np.zeros(8000), 8000, format="WAV")
        >>> info(file).num_samples, info(file).duration, info(file).subtype
        (8000, 1.0, 'PCM_16')
    """
    with opened(source) as found, decoder_for(found) as decoder:
        header = decoder.header
        count = header.num_samples
        if count is None:
            count = sum(len(chunk) for chunk in decoder.chunks(0, None))
        if count == 0:
            raise _no_samples(found.name)
    return AudioInfo(header.sample_rate, header.channels, count, header.format, header.subtype)


@contextmanager
def _decoding(source: SoundSource, request: _Request) -> Iterator[tuple[Iterator[Frames], int]]:
    """The wanted samples, checked, mixed and resampled, in pieces; and their rate."""
    with opened(source) as found, decoder_for(found) as decoder:
        rate_in = decoder.header.sample_rate
        rate_out = rate_in if request.sample_rate is None else int(request.sample_rate)
        if max(rate_in, rate_out) > MAX_RATIO * min(rate_in, rate_out):
            raise failure(
                found.name,
                f"states a rate of {rate_in} Hz, too far from the wanted {rate_out} Hz to resample",
                "correct its header, or read it at its own rate",
            )
        frames = _checked(decoder, found.name, request)
        if request.mono:
            frames = map(_mixed, frames)
        yield resampled(frames, rate_in, rate_out), rate_out


def _checked(decoder: Decoder, name: str, request: _Request) -> Iterator[Frames]:
    """The wanted part of the sound; an error where there is none, or a sample is not finite."""
    rate = decoder.header.sample_rate
    start = round(request.offset * rate)
    stop = None
    if request.duration is not None:
        stop = start + max(1, round(request.duration * rate))
    known = decoder.header.num_samples
    if known == 0:
        raise _no_samples(name)
    if known is not None and start >= known:
        raise _offset_beyond(name, request.offset, decoder.header)
    position = start
    for chunk in decoder.chunks(start, stop):
        finite = np.isfinite(chunk)
        if not finite.all():
            first = (position + int(np.argmin(finite.all(axis=1)))) / rate
            raise failure(
                name,
                f"a sample at {first:.6g} s is not finite (NaN or infinite)",
                "export it again or repair it; the parts beside it can be read by offset",
            )
        position += len(chunk)
        yield chunk
    if position == start and start == 0:
        raise _no_samples(name)
    if position == start:
        raise _offset_beyond(name, request.offset, decoder.header)


def _offset_beyond(name: str, offset: float, header: Header) -> AudioError:
    end = "" if header.num_samples is None else f" at {header.num_samples / header.sample_rate:g} s"
    return failure(name, f"ends{end}, before the offset of {offset:g} s", "lower the offset")


def _mixed(frames: Frames) -> Frames:
    """The mean over channels, ``(samples, 1)``."""
    channels = frames.shape[1]
    if channels == 1:
        return frames
    total = frames[:, :1].copy()
    for channel in range(1, channels):  # a mean over the short axis is 20 times as slow
        total += frames[:, channel : channel + 1]
    total /= channels
    return total


def _shaped(frames: Frames, mono: bool) -> Samples:
    return frames[:, 0] if mono else np.ascontiguousarray(frames.T)


def _rechunked(chunks: Iterator[Frames], size: int) -> Iterator[Frames]:
    """The same samples in pieces of ``size``, the last one as long as it comes."""
    held: list[Frames] = []
    count = 0
    for chunk in chunks:
        rest = chunk
        while count + len(rest) >= size:
            cut = size - count
            yield np.concatenate([*held, rest[:cut]])
            held, count, rest = [], 0, rest[cut:]
        if len(rest):
            held.append(rest)
            count += len(rest)
    if held:
        yield np.concatenate(held)


def _check_sample_rate(sample_rate: float | None) -> None:
    if sample_rate is not None and not (sample_rate >= 1 and sample_rate == int(sample_rate)):
        raise AudioError(
            f"sample_rate must be a whole number of hertz above 0, not {sample_rate}; "
            "None keeps the rate of the file"
        )


def _no_samples(name: str) -> AudioError:
    return failure(name, "holds no samples", "record or export it again")
