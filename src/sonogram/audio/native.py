"""The part of the native library that decodes: sounds, the silence of C's stderr, and libsndfile for both."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from sonogram.audio.decoder import CHUNK_SAMPLES, Header, Samples, UnknownSoundError
from sonogram.audio.problems import NATIVE_PROBLEMS, Problem, failure
from sonogram.audio.source import OpenSource
from sonogram.errors import AudioError
from sonogram.native.library import Signature, declare, library, load

__all__ = ["NativeDecoder", "available", "functions", "silent_c_stderr"]

_ReadAt = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
_SAMPLES_PER_BYTE = 8
"""Codecs rarely hold more: memory for what a header states is taken at once up to this."""


class _Source(ctypes.Structure):
    """`sonogram_source` of sonogram_audio.h."""

    _fields_ = (
        ("content", ctypes.c_void_p),
        ("read", _ReadAt),
        ("size", ctypes.c_int64),
        ("descriptor", ctypes.c_int32),
    )


class _Sound(ctypes.Structure):
    """`sonogram_sound` of sonogram_audio.h."""

    _fields_ = (
        ("stream", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("num_samples", "expected", "size")),
        *(
            (name, ctypes.c_int32)
            for name in ("sample_rate", "channels", "format", "not_closed", "truncated")
        ),
    )


class _Problem(ctypes.Structure):
    """`sonogram_problem` of sonogram_audio.h."""

    _fields_ = (("code", ctypes.c_int32), ("details", ctypes.c_char * 508))


_PUSH = (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p))
_SIGNATURES: dict[str, Signature] = {
    "sonogram_num_resampled": (ctypes.c_int64, (ctypes.c_int64,) * 3),
    "sonogram_resampler_create": (ctypes.c_void_p, (ctypes.c_int64, ctypes.c_int64, ctypes.c_char_p)),
    "sonogram_resampler_destroy": (None, (ctypes.c_void_p,)),
    "sonogram_resampler_max_output": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_int64)),
    "sonogram_resampler_push": _PUSH,
    "sonogram_resampler_whole": _PUSH,
    "sonogram_resampler_finish": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "sonogram_use_sndfile": (ctypes.c_int32, (ctypes.c_char_p,)),
    "sonogram_use_sentences": (ctypes.c_int32, (ctypes.POINTER(ctypes.c_char_p), ctypes.c_int32)),
    "sonogram_sound_open": (ctypes.c_int32, (ctypes.c_void_p,) * 3),
    "sonogram_sound_go_to": (ctypes.c_int32, (ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)),
    "sonogram_sound_read": (
        ctypes.c_int64,
        (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int32, ctypes.c_void_p),
    ),
    "sonogram_sound_mix_loss": (ctypes.c_double, (ctypes.c_void_p,)),
    "sonogram_sound_close": (None, (ctypes.c_void_p,)),
    "sonogram_silence_c_stderr": (None, (ctypes.c_int32,)),
}


@cache
def functions() -> ctypes.CDLL:
    """Return the library, its functions for sound described."""
    found = library()
    declare(found, _SIGNATURES)
    sentences = ["", *(problem.value for problem in NATIVE_PROBLEMS)]
    templates = (ctypes.c_char_p * len(sentences))(*(text.encode() for text in sentences))
    if found.sonogram_use_sentences(templates, len(templates)) != len(templates):
        raise RuntimeError("problems.py and problems.h do not list the same problems")
    return found


@cache
def available() -> bool:
    """Return whether the library is there, and libsndfile for it."""
    if load()[0] is None:
        return False
    path = _libsndfile()
    return path is not None and not functions().sonogram_use_sndfile(os.fsencode(path))


def _libsndfile() -> str | None:
    """Return where libsndfile is: in the wheel of soundfile, else on the system."""
    import soundfile

    brought = find_spec("_soundfile_data")
    if brought is not None and brought.origin is not None:
        path = Path(brought.origin).with_name(str(soundfile._packaged_libname))
        if path.is_file():
            return str(path)
    return find_library("sndfile")


@contextmanager
def silent_c_stderr() -> Iterator[None]:
    """Discard what C code prints on `stderr` for the length of a `with` block; Python is not touched.

    Blocks of several threads may overlap. Without the native library nothing is discarded.
    """
    if load()[0] is None:
        yield
        return
    silence = functions().sonogram_silence_c_stderr
    silence(1)
    try:
        yield
    finally:
        silence(0)


class NativeDecoder:
    """An open sound that the native library reads, without Python's lock."""

    def __init__(self, source: OpenSource, *, partial: bool = False) -> None:
        """Open `source`.

        Args:
            source: the open source.
            partial: whether a truncated sound is opened, with `header.missing`.

        Raises:
            UnknownSoundError: libsndfile does not support this kind of file.
            AudioError: the file is corrupt, truncated or empty.
        """
        self._name = source.name
        self._functions = functions()
        self._problem = _Problem()
        self._sound = _Sound()
        self._source = _native_source(source)  # what the open sound points into
        code = self._functions.sonogram_sound_open(
            ctypes.byref(self._source[0]), ctypes.byref(self._sound), ctypes.byref(self._problem)
        )
        sound = self._sound
        if code or (sound.truncated and not partial):
            self._functions.sonogram_sound_close(sound.stream)
            raise self._failure()
        names = _names()
        self.header = Header(
            sample_rate=sound.sample_rate,
            channels=sound.channels,
            num_samples=None if sound.num_samples < 0 else sound.num_samples,
            format=names.get(sound.format & 0x0FFF0000, "UNKNOWN"),
            subtype=names.get(sound.format & 0xFFFF, "UNKNOWN"),
            not_closed=bool(sound.not_closed),
            missing=self._failure() if sound.truncated else None,
        )

    def __enter__(self) -> NativeDecoder:
        return self

    def __exit__(self, *_: object) -> None:
        self._functions.sonogram_sound_close(self._sound.stream)
        self._sound.stream = None

    def chunks(self, start: int, stop: int | None, *, mono: bool, whole: bool) -> Iterator[Samples]:
        """Decode from `start` to `stop`: see `Decoder.chunks`."""
        sound, problem = self._sound, ctypes.byref(self._problem)
        rows = 1 if mono else sound.channels
        if start and self._functions.sonogram_sound_go_to(sound.stream, start, problem):
            raise self._failure()
        known = self.header.num_samples
        end = known if stop is None else stop if known is None else min(known, stop)
        position = start
        while end is None or position < end:
            size = max(1, CHUNK_SAMPLES // max(1, sound.channels // 4))
            if whole:
                expected = sound.expected if end is None else end
                size = max(size, min(expected - position, _SAMPLES_PER_BYTE * sound.size))
            if end is not None:
                size = min(size, end - position)
            piece = np.empty((rows, size), np.float32)
            count = self._functions.sonogram_sound_read(
                sound.stream, piece.ctypes.data, size, size, mono, problem
            )
            if count < 0:
                raise self._failure()
            if count == 0:
                return
            position += count
            yield piece if count == size else piece[:, :count].copy()

    @property
    def mix_loss(self) -> float:
        """How much the mix lost: see `Decoder.mix_loss`."""
        return float(self._functions.sonogram_sound_mix_loss(self._sound.stream))

    def _failure(self) -> AudioError:
        found = NATIVE_PROBLEMS[self._problem.code - 1]
        details = os.fsdecode(self._problem.details).split("\n")
        if found is Problem.UNKNOWN:
            raise UnknownSoundError(details[0], tuple(details[1:]))
        return failure(self._name, found, *details)


@cache
def _names() -> dict[int, str]:
    """Return the names of formats and subtypes, from the tables of soundfile: libsndfile has the same."""
    import soundfile

    tables: tuple[dict[str, int], dict[str, int]] = (soundfile._formats, soundfile._subtypes)
    return {number: name for table in tables for name, number in table.items()}


def _native_source(source: OpenSource) -> tuple[_Source, Any]:
    """Return where the library finds the content, and what must live as long as it is read."""
    if source.content is not None:
        content = np.frombuffer(source.content, np.uint8) if len(source.content) else np.zeros(1, np.uint8)
        return _Source(content=content.ctypes.data, size=len(source.content)), content
    if source.descriptor is not None:
        return _Source(descriptor=source.descriptor), source.file
    file = source.file

    def read(position: int, to: int, count: int) -> int:
        file.seek(position)
        done = 0
        while done < count and (piece := file.read(count - done)):
            ctypes.memmove(to + done, piece, len(piece))
            done += len(piece)
        return done

    call = _ReadAt(read)
    return _Source(read=call, size=max(0, file.seek(0, os.SEEK_END))), call
