"""Read sounds: whole, in part, or in blocks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Real
from typing import NamedTuple

import numpy as np

from sonogram import html
from sonogram.audio.decoder import Decoder, Header, Samples
from sonogram.audio.notices import may_be_partial, warn_cancelling, warn_partial
from sonogram.audio.opening import open_decoder
from sonogram.audio.problems import Problem, failure
from sonogram.audio.rates import MAX_RATIO, RATE_RULE, is_rate
from sonogram.audio.resample import resample_chunks
from sonogram.audio.source import SoundSource, open_source
from sonogram.errors import AudioError
from sonogram.peers import with_known_keywords

__all__ = ["Audio", "blocks", "load"]


class Audio(NamedTuple):
    """Sound in memory: the tuple `(samples, sample_rate)`, which `load` returns.

    Front ends, `show` and `predict` take it in place of a file.

    Args:
        samples: float32, where [-1, 1] is full scale: `(samples,)`, or `(channels, samples)`.
        sample_rate: Samples per second, hertz.

    Example:
        >>> tone = sg.Audio(np.sin(0.3 * np.arange(16000, dtype=np.float32)), 16000)
        >>> sg.preset("whisper-80")(tone).shape
        (100, 80)
        >>> samples, sample_rate = tone

    See Also:
        load, save.
    """

    samples: Samples
    """float32, full scale is [-1, 1]: `(samples,)`, or `(channels, samples)`."""
    sample_rate: int
    """Hertz."""

    def _repr_html_(self) -> str:
        return html.player(self.samples, self.sample_rate)


@dataclass(frozen=True)
class _Request:
    """The checked arguments of `load` and `blocks`."""

    sample_rate: int | None
    mono: bool
    offset: float
    duration: float | None
    partial: bool

    def __post_init__(self) -> None:
        _check_sample_rate(self.sample_rate)
        if not (_is_finite(self.offset) and self.offset >= 0):
            raise AudioError(f"offset must be a number of seconds of at least 0; got {self.offset!r}")
        if not isinstance(self.mono, bool | np.bool_):
            raise AudioError(f"mono must be True or False; got {self.mono!r}")
        if self.duration is not None and not (_is_finite(self.duration) and self.duration > 0):
            raise AudioError(
                f"duration must be a number of seconds above 0; got {self.duration!r}. None reads to the end."
            )


@with_known_keywords
def load(
    source: SoundSource,
    sample_rate: int | None = None,
    *,
    mono: bool = True,
    offset: float = 0.0,
    duration: float | None = None,
    partial: bool = False,
) -> Audio:
    """Read a sound into memory.

    WAV, AIFF, CAF, FLAC, Ogg Vorbis, Opus and MP3 are decoded by libsndfile; AAC, M4A, MP4, WebM
    and others by PyAV, which `pip install "sonogram[av]"` installs. Integers are divided by their full
    scale; floats stay as they are, beyond [-1, 1] too. A file that a recorder never closed is read to its
    end, joined MP3 and chained Ogg files are read whole, and truncated files are refused unless `partial`
    is true.

    `offset` and `duration` are exact in samples of the file: the part from
    `round(offset * rate)` on, `round(duration * rate)` samples, at least 1, or as many as there are. It
    equals that slice of the whole in every format; lossy ones are decoded from their start for
    it. Resampling (soxr, high quality) sees that part alone, with silence around it, and gives
    `ceil(samples * new_rate / rate)` samples.

    Args:
        source: A path, the bytes of a file, or a file object opened in binary mode (read from its
            very start; its position is restored).
        sample_rate: The wanted rate in hertz; None keeps the rate of the file. Speech models usually take
            16000.
        mono: Whether to mix the channels to one, their mean.
        offset: Start of the part to read, in seconds.
        duration: Length of the part, in seconds; None reads to the end.
        partial: Whether to read what is there of a truncated sound, with a `PartialSoundWarning` that
            states what is missing; otherwise that is an error.

    Returns:
        The samples, `(samples,)` if mono, else `(channels, samples)`, and their rate.

    Raises:
        AudioError: The source cannot be read, is corrupt or truncated, holds no samples or samples
            that are not finite, or ends before `offset`. One line: which file, why, what to do.

    Example:
        >>> samples, sample_rate = sg.load("examples/speech.wav")
        >>> samples.shape, sample_rate
        ((39255,), 8000)
        >>> sg.load("examples/choir.flac", 16000, mono=False, duration=0.5).samples.shape
        (2, 8000)

    See Also:
        `blocks` for recordings that are larger than memory, `info` for the facts alone, `save`.
    """
    request = _Request(sample_rate, mono, offset, duration, partial)
    with _decoding(source, request, whole=True) as (pieces, rate):
        found = list(pieces)
    samples = found[0] if len(found) == 1 else np.concatenate(found, axis=1)
    return Audio(samples[0] if mono else samples, rate)


def blocks(
    source: SoundSource,
    block_samples: int,
    sample_rate: int | None = None,
    *,
    mono: bool = True,
    offset: float = 0.0,
    duration: float | None = None,
    partial: bool = False,
) -> Iterator[Samples]:
    """Read a sound block by block, in memory that does not grow with the file.

    Joined along their last axis the blocks equal `load` with the same arguments, bit for bit:
    the resampler keeps its state between them. The source is opened for the first block and closed
    after the last one; errors are raised then, and for damage in the middle of a file only when
    reading gets there.

    Args:
        source: As for `load`.
        block_samples: Length of a block at the wanted rate; the last one may be shorter.
        sample_rate: The wanted rate in hertz; None keeps the rate of the file. Speech models usually take
            16000.
        mono: Whether to mix the channels to one, their mean.
        offset: Start of the part to read, in seconds.
        duration: Length of the part, in seconds; None reads to the end.
        partial: Whether to read what is there of a truncated sound, with a `PartialSoundWarning` that
            states what is missing; otherwise that is an error.

    Returns:
        Iterator of float32 blocks, `(block_samples,)` if mono, else
        `(channels, block_samples)`.

    Raises:
        AudioError: As for `load`.

    Example:
        >>> import io, soundfile
        >>> file = io.BytesIO()
        >>> soundfile.write(file, np.zeros(8000), 8000, format="WAV")
        >>> [len(block) for block in blocks(file, 3000)]
        [3000, 3000, 2000]

    See Also:
        `load` for a whole sound, `sonogram.Stream` for features of blocks.
    """
    if isinstance(block_samples, bool) or block_samples != int(block_samples) or block_samples < 1:
        raise AudioError(f"block_samples must be a whole number above 0; got {block_samples}")
    return _blocks(source, int(block_samples), _Request(sample_rate, mono, offset, duration, partial))


def _blocks(source: SoundSource, size: int, request: _Request) -> Iterator[Samples]:
    with _decoding(source, request, whole=False) as (pieces, _):
        for block in _rechunk(pieces, size):
            yield block[0] if request.mono else block


@contextmanager
def _decoding(
    source: SoundSource, request: _Request, *, whole: bool
) -> Iterator[tuple[Iterator[Samples], int]]:
    """Yield the wanted samples, mixed and resampled, in pieces; and their rate."""
    with open_source(source) as found, open_decoder(found, partial=request.partial) as decoder:
        rate_in = decoder.header.sample_rate
        rate_out = rate_in if request.sample_rate is None else int(request.sample_rate)
        if max(rate_in, rate_out) > MAX_RATIO * min(rate_in, rate_out):
            raise failure(found.name, Problem.RATES_APART, rate_in, rate_out)
        pieces = _part(decoder, found.name, request, whole=whole)
        yield resample_chunks(pieces, rate_in, rate_out), rate_out


def _part(decoder: Decoder, name: str, request: _Request, *, whole: bool) -> Iterator[Samples]:
    """Yield the wanted part of the sound; an error where there is none."""
    header = decoder.header
    rate, known, missing = header.sample_rate, header.num_samples, header.missing
    start = position = round(request.offset * rate)
    stop = None if request.duration is None else start + max(1, round(request.duration * rate))
    if known is None or start < known:
        try:
            for chunk in decoder.chunks(start, stop, mono=request.mono, whole=whole):
                position += chunk.shape[1]
                yield chunk
        except AudioError as error:
            if not (request.partial and position > start and may_be_partial(error)):
                raise
            missing = error
    if position == start:
        raise _nothing(name, request.offset, header) if missing is None or known else missing
    if request.mono and header.channels > 1:
        warn_cancelling(name, decoder.mix_loss, header.channels)
    if missing is not None and (stop is None or position < stop):
        warn_partial(name, missing, header, position)


def _nothing(name: str, offset: float, header: Header) -> AudioError:
    """Return why there is no sample from `offset` on."""
    if offset == 0 or header.num_samples == 0:
        return failure(name, Problem.NO_SAMPLES)
    end = "" if header.num_samples is None else f" at {header.num_samples / header.sample_rate:g} s"
    return failure(name, Problem.OFFSET, end, f"{offset:g}")


def _rechunk(chunks: Iterator[Samples], size: int) -> Iterator[Samples]:
    """Yield the same samples in pieces of `size`; the last one may be shorter."""
    held: list[Samples] = []
    count = 0
    for chunk in chunks:
        rest = chunk
        while count + rest.shape[1] >= size:
            cut = size - count
            yield np.concatenate([*held, rest[:, :cut]], axis=1)
            held, count, rest = [], 0, rest[:, cut:]
        if rest.size:
            held.append(rest)
            count += rest.shape[1]
    if held:
        yield np.concatenate(held, axis=1)


def _is_finite(value: object) -> bool:
    return isinstance(value, Real) and math.isfinite(value)


def _check_sample_rate(sample_rate: float | None) -> None:
    if sample_rate is not None and not is_rate(sample_rate):
        raise AudioError(f"{RATE_RULE}; got {sample_rate!r:.80}. None keeps the rate of the file.")
