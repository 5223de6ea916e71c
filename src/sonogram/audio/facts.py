"""The facts about a sound file: rate, channels, length and format."""

from __future__ import annotations

from dataclasses import dataclass

from sonogram.audio.decoder import Decoder, Header
from sonogram.audio.notices import may_be_partial, warn_partial
from sonogram.audio.opening import open_decoder
from sonogram.audio.problems import Problem, failure
from sonogram.audio.source import OpenSource, SoundSource, open_source
from sonogram.errors import AudioError
from sonogram.peers import with_known_keywords

__all__ = ["AudioInfo", "header", "info"]


@dataclass(frozen=True)
class AudioInfo:
    """The contents of a sound file: rate, channels, length and format."""

    sample_rate: int
    """Hertz."""
    channels: int
    """Number of channels."""
    num_samples: int
    """Samples in each channel."""
    format: str
    """The container: `"WAV"`, `"FLAC"`, `"MP4"`."""
    subtype: str
    """The coding inside it: `"PCM_16"`, `"VORBIS"`, `"AAC"`."""
    not_closed: bool = False
    """Whether the recorder never wrote the length, so that the file is read to its end."""
    truncated: bool = False
    """Whether the sound ends before its header states, or cannot be decoded to its end."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.num_samples / self.sample_rate


@with_known_keywords
def info(source: SoundSource, *, partial: bool = True) -> AudioInfo:
    """Return rate, channels, length and format of a sound file.

    Reads the header alone where that states the length. Elsewhere (MP3 without a length tag, raw AAC,
    every format read by PyAV) the file is decoded to count, and so is a truncated FLAC file. FLAC frames that
    are missing in the middle are noticed by `load`, not here.

    Args:
        source: As for `load`.
        partial: Whether to return the facts about what is there of a truncated sound, with a
            `PartialSoundWarning`; otherwise that is an error.

    Returns:
        The facts; `num_samples` is what `load` gives at the file's own rate.

    Raises:
        AudioError: The source cannot be read, holds no samples, or is truncated and `partial` is false.

    Example:
        >>> facts = sg.info("examples/choir.flac")
        >>> facts.channels, facts.sample_rate, round(facts.duration, 2), facts.subtype
        (2, 44100, 1.57, 'PCM_16')

    See Also:
        `load` for the samples.
    """
    with open_source(source) as found:
        with open_decoder(found, partial=partial) as decoder:
            stated, missing = decoder.header, decoder.header.missing
            count = stated.num_samples
            if count is None:
                count, missing = _count(decoder, partial)
            elif _states_no_size(stated) and not _has_last_sample(decoder, count):
                count = None
        if count is None:
            with _reopen(found, partial) as decoder:
                count, missing = _count(decoder, partial)
            if missing is None and stated.num_samples is not None and count < stated.num_samples:
                missing = failure(found.name, Problem.TRUNCATED_SAMPLES, stated.num_samples, count)
        if count == 0:
            raise missing or failure(found.name, Problem.NO_SAMPLES)
        if missing is not None:
            warn_partial(found.name, missing, stated, count)
    return AudioInfo(
        stated.sample_rate,
        stated.channels,
        count,
        stated.format,
        stated.subtype,
        stated.not_closed,
        missing is not None,
    )


def header(source: SoundSource) -> Header:
    """Return what the header of a sound file states, without decoding.

    Args:
        source: As for `load`.

    Returns:
        Rate, channels, format, and the number of samples; None where only decoding can count them.

    Raises:
        AudioError: The source cannot be read.
    """
    with open_source(source) as found, open_decoder(found, partial=True) as decoder:
        return decoder.header


def _reopen(source: OpenSource, partial: bool) -> Decoder:
    source.file.seek(0)
    return open_decoder(source, partial=partial)


def _states_no_size(header: Header) -> bool:
    """Return whether a truncated file looks whole until its end is read: it states samples, but no bytes."""
    return header.format == "FLAC" or header.subtype.startswith("ALAC")


def _has_last_sample(decoder: Decoder, count: int) -> bool:
    """Return whether the last sample that the header states can be decoded."""
    if count == 0:
        return True
    try:
        return any(chunk.size for chunk in decoder.chunks(count - 1, count, mono=True, whole=False))
    except AudioError:
        return False


def _count(decoder: Decoder, partial: bool) -> tuple[int, AudioError | None]:
    """Decode to count the samples; return their number, and the error for which they end too early."""
    count = 0
    try:
        for chunk in decoder.chunks(0, None, mono=True, whole=False):
            count += chunk.shape[1]
    except AudioError as error:
        if not (partial and count and may_be_partial(error)):
            raise
        return count, error
    return count, decoder.header.missing
