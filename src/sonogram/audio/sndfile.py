"""WAV, AIFF, CAF, FLAC, Ogg Vorbis, Opus, MP3 and more, decoded by libsndfile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import soundfile

from sonogram.audio import mp3
from sonogram.audio.decoder import CHUNK_SAMPLES, Frames, Header, UnknownSoundError
from sonogram.audio.quiet import quiet_c_stderr
from sonogram.audio.source import OpenSource, failure

__all__ = ["Sndfile", "library_path"]

_OWN_MAGIC = (b"RIFF", b"RIFX", b"RF64", b"FORM", b"caff", b"fLaC", b".snd")
"""Files that are libsndfile's to judge: broken ones are errors and no other decoder is asked."""
_NO_NOTES = (*_OWN_MAGIC, b"OggS")
"""Files that never reach the MP3 decoder, which prints notes."""
_UNKNOWN_FORMAT, _MALFORMED, _UNKNOWN_CODING = 1, 3, 4
"""libsndfile's error numbers."""
_NO_LENGTH = 2**62
"""libsndfile states the largest integer where a file has no length."""
_LOSSY = ("VORBIS", "OPUS", "MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III")
_MP3_SLACK = 4 * 1152
"""Samples of four MP3 frames: how much an edited file may lack of the length that it states."""


class _ForwardFile(soundfile.SoundFile):  # type: ignore[misc]
    """A sound file that is read forward only.

    ``SoundFile.read`` seeks after each piece to where it already is; files without a length
    (FLAC from a pipe) fail at that, and lossy codecs would restart.
    """

    def seekable(self) -> bool:
        return False


class Sndfile:
    """An open sound that libsndfile knows."""

    def __init__(self, source: OpenSource) -> None:
        """Open ``source``.

        Raises:
            UnknownSoundError: it does not know this kind of file; the text is what it said.
            AudioError: it knows the kind, and the file is broken.
        """
        self._name = source.name
        magic = source.file.read(4)
        source.file.seek(0)
        try:
            with nullcontext() if magic in _NO_NOTES else quiet_c_stderr():
                # As bytes: a name on the disk need not be text.
                self._file = _ForwardFile(os.fsencode(source.path) if source.path else source.file)
        except soundfile.LibsndfileError as error:
            code, reason = error.code, _reason(error)
            known = magic in _OWN_MAGIC and code not in (_UNKNOWN_FORMAT, _UNKNOWN_CODING)
            if known or code == _MALFORMED:
                raise self._broken(reason) from None
            raise UnknownSoundError(reason) from None
        except TypeError:  # by its ending soundfile takes it for raw samples, and asks how to read
            raise UnknownSoundError("samples without a header") from None
        frames: int | None = self._file.frames
        self._mp3 = self._file.format == "MP3"
        if self._mp3 and not mp3.states_length(source.file):
            self._file.close()
            self._file = self._call(_ForwardFile, mp3.unbounded(source.file))
            frames = None
        elif self._file.frames >= _NO_LENGTH:
            frames = None
        if self._file.samplerate < 1 or self._file.channels < 1:
            self._file.close()
            raise self._broken("its header states no sample rate or no channels")
        self.header = Header(
            sample_rate=self._file.samplerate,
            channels=self._file.channels,
            num_samples=frames,
            format=self._file.format,
            subtype=self._file.subtype,
        )

    def __enter__(self) -> Sndfile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def chunks(self, start: int, stop: int | None) -> Iterator[Frames]:
        """Decode from ``start`` to ``stop``: see ``Decoder.chunks``."""
        limit = self.header.num_samples
        stop = limit if stop is None else stop if limit is None else min(stop, limit)
        position = 0
        if start and self.header.subtype not in _LOSSY and limit is not None:
            self._call(self._file.seek, start)
            position = start
        # Lossy codecs carry state from before: only decoding from the start is sample-exact
        # (libsndfile's seek is off near the end of Ogg Vorbis, and in the last bits of MP3).
        step = max(1, CHUNK_SAMPLES // max(1, self.header.channels // 4))
        while stop is None or position < stop:
            wanted = step if stop is None else min(step, stop - position)
            chunk: Frames = self._call(self._file.read, wanted, dtype="float32", always_2d=True)
            if len(chunk) == 0:
                break
            skip = min(max(0, start - position), len(chunk))
            position += len(chunk)
            if skip < len(chunk):
                yield chunk[skip:]
        self._check_end(position, stop)

    def _check_end(self, position: int, stop: int | None) -> None:
        slack = _MP3_SLACK if self._mp3 else 0
        if self.header.num_samples is not None and stop is not None and position < stop - slack:
            raise failure(
                self._name,
                f"truncated: its header promises {self.header.num_samples} samples "
                f"and only {position} could be decoded",
                "copy or download it again",
            )

    def _call(self, method: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            with quiet_c_stderr() if self._mp3 else nullcontext():
                return method(*args, **kwargs)
        except soundfile.LibsndfileError as error:
            raise self._broken(_reason(error)) from None

    def _broken(self, reason: str) -> Exception:
        return failure(self._name, f"broken ({reason})", "copy it again or re-export it")


def library_path() -> str | None:
    """Where libsndfile is: in the wheel of soundfile, or on the system; None where it is not found."""
    brought = find_spec("_soundfile_data")
    if brought is not None and brought.origin is not None:
        path = Path(brought.origin).with_name(str(soundfile._packaged_libname))
        if path.is_file():
            return str(path)
    return find_library("sndfile")


def _reason(error: soundfile.LibsndfileError) -> str:
    """What libsndfile says, without its opening words and full stop."""
    text: str = error.error_string.removeprefix("Error : ").rstrip(".")
    if text.startswith("File does not exist"):  # the file was opened: the MP3 decoder gave up
        return "no MP3 frames found"
    return "its decoder failed" if text == "Unspecified internal error" else text
