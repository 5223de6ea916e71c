"""Sound before any spectrum, in the native library: files decoded and rates changed without Python's lock.

`load` gives what `sonogram.load` gives. Whatever the library does not read, or finds broken, is read by
that, which knows more kinds of files and names the damage. `resample` has a filter of our own.
"""

from __future__ import annotations

import ctypes
import math
import os
import threading
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import Audio, SoundSource, load as load_anything
from sonogram.audio.resample import MAX_RATIO, resampled
from sonogram.errors import SonogramError
from sonogram.native.library import isa, library, load as find_library

__all__ = ["Resampler", "available", "check_rates", "load", "resample"]

Floats = NDArray[np.float32]


class _Request(ctypes.Structure):
    """`sonogram_request` of sonogram_audio.h."""

    _fields_ = (
        ("path", ctypes.c_char_p),
        ("content", ctypes.c_void_p),
        ("size", ctypes.c_int64),
        ("sample_rate", ctypes.c_int64),
        ("offset", ctypes.c_double),
        ("duration", ctypes.c_double),
        ("isa", ctypes.c_char_p),
        ("mono", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
    )


class _Sound(ctypes.Structure):
    """`sonogram_sound` of sonogram_audio.h."""

    _fields_ = (
        ("samples", ctypes.c_void_p),
        ("message", ctypes.c_void_p),
        ("count", ctypes.c_int64),
        ("channels", ctypes.c_int32),
        ("sample_rate", ctypes.c_int32),
    )


_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "sonogram_num_resampled": (ctypes.c_int64, (ctypes.c_int64,) * 3),
    "sonogram_resampler_create": (ctypes.c_void_p, (ctypes.c_int64, ctypes.c_int64, ctypes.c_char_p)),
    "sonogram_resampler_destroy": (None, (ctypes.c_void_p,)),
    "sonogram_resampler_room": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_int64)),
    "sonogram_resampler_push": (
        ctypes.c_int64,
        (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p),
    ),
    "sonogram_resampler_finish": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_void_p)),
    "sonogram_use_sndfile": (ctypes.c_int32, (ctypes.c_char_p,)),
    "sonogram_decode": (ctypes.c_int32, (ctypes.POINTER(_Request), ctypes.POINTER(_Sound))),
    "sonogram_release": (None, (ctypes.c_void_p,)),
    "sonogram_quiet": (ctypes.c_int32, (ctypes.c_int32,)),
}


@cache
def _library() -> ctypes.CDLL:
    """The library, its functions for sound described."""
    found = library()
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
    return found


@cache
def available() -> bool:
    """Return whether the library is there, and libsndfile for it."""
    if find_library()[0] is None:
        return False
    from sonogram.audio.quiet import hand_over
    from sonogram.audio.sndfile import library_path

    functions = _library()
    path = library_path()
    if path is None or functions.sonogram_use_sndfile(os.fsencode(path)):
        return False
    hand_over(_Switch(functions))
    return True


class _Switch:
    """The library's silence for C code, for Python too."""

    def __init__(self, functions: ctypes.CDLL) -> None:
        self._functions = functions

    def enter(self) -> None:
        self._functions.sonogram_quiet(1)

    def leave(self) -> None:
        self._functions.sonogram_quiet(0)


class _Memory:
    """Samples that the library has made; freed with the last array that shows them."""

    def __init__(self, address: int, shape: tuple[int, ...]) -> None:
        self._address = address
        self._release = _library().sonogram_release
        self.__array_interface__ = {
            "data": (address, False),
            "shape": shape,
            "typestr": np.dtype(np.float32).str,
            "version": 3,
        }

    def __del__(self) -> None:
        self._release(self._address)


def load(
    source: SoundSource,
    sample_rate: int | None = None,
    *,
    mono: bool = True,
    offset: float = 0.0,
    duration: float | None = None,
) -> Audio:
    """Read a sound into memory: `sonogram.load`, decoded by the library where that can.

    Args:
        source: as for `sonogram.load`.
        sample_rate: the wanted rate in hertz; None keeps the rate of the file.
        mono: mix the channels to one, their mean.
        offset: where to begin, in seconds.
        duration: how much to read, in seconds; None reads to the end.

    Returns:
        The samples, `(samples,)` if mono, else `(channels, samples)`, and their rate: the bits of
        `sonogram.load`, at another rate too, since soxr changes it here as well.

    Raises:
        AudioError: as `sonogram.load` does, with the same words.
    """
    found = _decoded(_request(source, sample_rate, mono, offset, duration))
    if found is None:
        return load_anything(source, sample_rate, mono=mono, offset=offset, duration=duration)
    if sample_rate is None or sample_rate == found.sample_rate:
        return found
    rate = int(sample_rate)
    if max(rate, found.sample_rate) > MAX_RATIO * min(rate, found.sample_rate):
        return load_anything(source, sample_rate, mono=mono)  # which says so
    frames = found.samples[:, None] if mono else found.samples.T
    made = np.concatenate(list(resampled(iter([frames]), found.sample_rate, rate)))
    return Audio(made[:, 0] if mono else np.ascontiguousarray(made.T), rate)


def _decoded(request: _Request | None) -> Audio | None:
    """What the library reads, at the sound's own rate; None where it cannot."""
    if request is None:
        return None
    made = _Sound()
    if _library().sonogram_decode(request, made):
        _library().sonogram_release(made.message)
        return None
    shape = (made.count,) if request.mono else (made.channels, made.count)
    return Audio(np.asarray(_Memory(made.samples, shape)), made.sample_rate)


def _can_be(sample_rate: Any, offset: float, duration: float | None) -> bool:
    """Whether these arguments have a meaning; of others `sonogram.load` says what is wrong."""
    rate = sample_rate is None or (1 <= sample_rate < 2**31 and sample_rate == int(sample_rate))
    end = duration is None or (math.isfinite(duration) and duration > 0)
    return rate and end and math.isfinite(offset) and offset >= 0


def _request(
    source: Any, sample_rate: Any, mono: bool, offset: float, duration: float | None
) -> _Request | None:
    """What to ask of the library; None where it is not for the library to answer."""
    if not (available() and _can_be(sample_rate, offset, duration)):
        return None
    request = _Request(
        offset=offset,
        duration=-1 if duration is None else duration,
        isa=isa().encode(),
        mono=bool(mono),
    )
    if isinstance(source, bytes | bytearray | memoryview) and len(source):
        content = np.frombuffer(source, np.uint8)
        request.content, request.size = content.ctypes.data, len(content)
        request.kept = content  # what it points into
    elif isinstance(source, str | os.PathLike):
        path = os.fsencode(source)
        if b"\0" in path:
            return None
        request.path = path
    else:
        return None
    return request


def resample(samples: Any, from_rate: int, to_rate: int) -> Floats:
    """Change the rate of sounds.

    The filter passes 0.9 of the lower Nyquist frequency (ripple below 0.001 dB) and stops what would fold
    back or mirror (below -100 dB). Silence lies before and after the sound.

    Args:
        samples: real numbers, `(..., samples)`.
        from_rate: their rate in hertz.
        to_rate: the wanted rate in hertz.

    Returns:
        float32, `(..., ceil(samples * to_rate / from_rate))`; the same bits as a `Resampler` gives, however
        the sound is cut.

    Raises:
        SonogramError: a rate cannot be, the rates are more than 256 times apart, or the library is missing.

    Example:
        >>> resample(np.zeros(441), 44_100, 16_000).shape
        (160,)
    """
    if np.ndim(samples) == 0:
        raise SonogramError("resample takes samples along the last axis, not a single number")
    values = np.ascontiguousarray(samples, np.float32)
    stream = Resampler(from_rate, to_rate)
    size = values.shape[-1]
    count = _library().sonogram_num_resampled(size, int(from_rate), int(to_rate))
    result = np.empty((*values.shape[:-1], count), np.float32)
    for place in np.ndindex(values.shape[:-1]):
        given = stream.push(values[place])
        result[place][: len(given)] = given
        result[place][len(given) :] = stream.finish()
    return result


def check_rates(from_rate: Any, to_rate: Any) -> None:
    """State what is wrong with two rates between which sound is to be resampled.

    Raises:
        SonogramError: A rate cannot be, or they are more than 256 times apart.
    """
    for rate in (from_rate, to_rate):
        if isinstance(rate, bool) or not (1 <= rate < 2**31 and rate == int(rate)):
            raise SonogramError(f"a sample rate must be a whole number of hertz above 0, not {rate}")
    if max(from_rate, to_rate) > MAX_RATIO * min(from_rate, to_rate):
        raise SonogramError(
            f"{from_rate} and {to_rate} Hz are more than {MAX_RATIO} times apart: resample in two steps"
        )


class Resampler:
    """Changes the rate of a sound that comes in pieces, with the bits of the whole.

    Threads may share it: their pieces are taken one after the other, in the order in which they come.

    Args:
        from_rate: the rate of what comes, in hertz.
        to_rate: the wanted rate in hertz.

    Raises:
        SonogramError: a rate cannot be, the rates are more than 256 times apart, or the library is missing.

    Example:
        >>> stream = Resampler(44_100, 16_000)
        >>> pieces = [stream.push(np.zeros(1000)), stream.push(np.zeros(1205)), stream.finish()]
        >>> sum(map(len, pieces))
        800
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self._handle = None
        self._lock = threading.Lock()  # a call into the library lets go of Python's own
        check_rates(from_rate, to_rate)
        self._library = _library()
        self._handle = self._library.sonogram_resampler_create(int(from_rate), int(to_rate), isa().encode())
        if not self._handle:
            raise MemoryError("the filter between these rates does not fit into memory")

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self._library.sonogram_resampler_destroy(self._handle)

    def push(self, samples: Any) -> Floats:
        """Take samples and gives those that can be computed already.

        Args:
            samples: real numbers of one channel, `(samples,)` at `from_rate`.

        Returns:
            float32, `(samples,)` at `to_rate`: those that follow what was given so far; it may be none.

        Raises:
            SonogramError: the samples are not those of one channel.
        """
        values = np.ascontiguousarray(samples, np.float32)
        if values.ndim != 1:
            raise SonogramError(f"a Resampler takes samples of one channel, not of shape {values.shape}")
        with self._lock:
            out = self._room(len(values))
            count = self._library.sonogram_resampler_push(
                self._handle, values.ctypes.data, len(values), out.ctypes.data
            )
        return out[:count]

    def finish(self) -> Floats:
        """Give the rest, as if silence followed; then a new sound may begin.

        Returns:
            float32, `(samples,)` at `to_rate`: with all that was given before them
            `ceil(samples * to_rate / from_rate)`.
        """
        with self._lock:
            out = self._room(0)
            count = self._library.sonogram_resampler_finish(self._handle, out.ctypes.data)
        return out[:count]

    def _room(self, count: int) -> Floats:
        """Memory for what comes next, if `count` samples more are taken; with the lock held."""
        return np.empty(self._library.sonogram_resampler_room(self._handle, count), np.float32)
