"""Decoding by soundfile alone, where the native library was not built.

The samples are the same. What is weaker: MP3 without a length tag is cut where libsndfile estimates its end,
a truncated or never closed file is read as far as libsndfile believes its header, of chained Ogg and joined
FLAC files only the first part is read, missing frames of FLAC become zeros, and the notes of the MP3 decoder
reach stderr.
"""

from __future__ import annotations

from collections.abc import Iterator

import soundfile

from sonogram.audio.decoder import CHUNK_SAMPLES, Header, MixLevels, Samples, UnknownSoundError, planes
from sonogram.audio.problems import Problem, failure
from sonogram.audio.source import OpenSource

__all__ = ["Sndfile"]

_OWN_MAGIC = (b"RIFF", b"RIFX", b"RF64", b"FORM", b"caff", b"fLaC", b".snd")
"""Files that are libsndfile's to judge: broken ones are errors and no other decoder is asked."""
_UNKNOWN_FORMAT, _MALFORMED, _UNKNOWN_CODING, _UNIMPLEMENTED = 1, 3, 4, 18
"""libsndfile's error numbers."""
_NO_LENGTH = 2**62
"""libsndfile states the largest integer where a file has no length."""
_LOSSY = ("VORBIS", "OPUS", "MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III")
"""Codecs that carry state from before: only decoding from the start is sample-exact."""


class _ForwardFile(soundfile.SoundFile):  # type: ignore[misc]
    """A sound file that is read forward only.

    `SoundFile.read` seeks after each piece to where it already is; files without a length
    (FLAC from a pipe) fail at that, and lossy codecs would restart.
    """

    def seekable(self) -> bool:
        return False


class Sndfile:
    """An open sound, decoded by libsndfile."""

    def __init__(self, source: OpenSource) -> None:
        """Open `source`; see `NativeDecoder`."""
        self._name = source.name
        self._levels = MixLevels()
        magic = source.file.read(4)
        source.file.seek(0)
        if not magic:
            raise failure(source.name, Problem.EMPTY)
        try:
            self._file = _ForwardFile(source.file)
        except soundfile.LibsndfileError as error:
            known = magic in _OWN_MAGIC and error.code not in (
                _UNKNOWN_FORMAT,
                _UNKNOWN_CODING,
                _UNIMPLEMENTED,
            )
            if known or error.code == _MALFORMED:
                raise failure(self._name, Problem.CORRUPT, _reason(error)) from None
            raise UnknownSoundError(_reason(error)) from None
        file = self._file
        estimated = file.format == "MP3"
        frames = None if estimated or file.frames >= _NO_LENGTH else file.frames
        self.header = Header(file.samplerate, file.channels, frames, file.format, file.subtype)

    def __enter__(self) -> Sndfile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def mix_loss(self) -> float:
        """How much the mix lost: see `Decoder.mix_loss`."""
        return self._levels.loss

    def chunks(self, start: int, stop: int | None, *, mono: bool, whole: bool) -> Iterator[Samples]:
        """Decode from `start` to `stop`: see `Decoder.chunks`."""
        limit = self.header.num_samples
        stop = limit if stop is None else stop if limit is None else min(stop, limit)
        position = 0
        try:
            if start and self.header.subtype not in _LOSSY and limit is not None:
                position = self._file.seek(start)
            step = max(1, CHUNK_SAMPLES // max(1, self.header.channels // 4))
            while stop is None or position < stop:
                wanted = step if stop is None else min(step, stop - position)
                frames = self._file.read(wanted, dtype="float32", always_2d=True)
                if len(frames) == 0:
                    break
                skip = min(max(0, start - position), len(frames))
                position += len(frames)
                if skip < len(frames):
                    self._levels.add(frames[skip:])
                    first = position - len(frames) + skip
                    yield planes(frames[skip:], first, self.header.sample_rate, self._name, mono=mono)
        except soundfile.LibsndfileError as error:
            raise failure(self._name, Problem.CORRUPT, _reason(error)) from None
        if limit is not None and stop is not None and position < stop:
            raise failure(self._name, Problem.TRUNCATED_SAMPLES, limit, position)


def _reason(error: soundfile.LibsndfileError) -> str:
    """Return what libsndfile reports, without its opening words and full stop."""
    text: str = error.error_string.removeprefix("Error : ").rstrip(".")
    return "its decoder failed" if text == "Unspecified internal error" else text
