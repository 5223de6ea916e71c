"""`Track`: one recording, decoded once in the background at one sample rate, then read anywhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram import audio
from sonogram.audio import Audio, AudioInfo
from sonogram.audio.memory import read_audio
from sonogram.errors import SonogramError
from sonogram.viewer.levels import Levels, num_levels, reduce
from sonogram.viewer.spool import Spool

__all__ = ["WAVE_COLUMNS", "WAVE_SAMPLES", "Track"]

Samples = NDArray[np.float32]

WAVE_SAMPLES = 64
"""Samples in one column of the finest waveform; below that the samples themselves are drawn."""
WAVE_COLUMNS = 4096
"""Columns of one piece of the waveform."""
_BLOCK = 1 << 19
_FULL_SCALE = 32767
_STEP = np.float32(2**-15)


class Track:
    """Samples of a recording, the bits that `sonogram.load` returns.

    A decoder thread writes them to a file, so memory does not grow with the recording, and a seek is exact
    in every format. What is decoded so far can be read at once.

    Args:
        source: A sound file, or sound in memory.
        facts: Its rate, channels and length.
        sample_rate: Wanted rate in hertz; None keeps that of the file.
        mono: Whether to mix the channels, or to keep them all.
    """

    def __init__(self, source: Any, facts: AudioInfo, sample_rate: int | None, *, mono: bool) -> None:
        self._source, self._mono = source, mono
        self._wanted = None if sample_rate == facts.sample_rate else sample_rate
        self.sample_rate = sample_rate or facts.sample_rate
        """Hertz."""
        self.channels = 1 if mono else facts.channels
        """Number of channels."""
        # Integers of 16 bits are exact in half the space, if nothing was computed from them.
        plain = self._wanted is None and (not mono or facts.channels == 1)
        self._dtype: Any = np.int16 if plain and facts.subtype == "PCM_16" else np.float32
        self._spools = [Spool(None, self._dtype) for _ in range(self.channels)]
        self._changed = threading.Condition()
        self._closed = False
        self.total = -(-facts.num_samples * self.sample_rate // facts.sample_rate)
        """Samples in the recording, as far as known: exact when `complete`."""
        expected = -(-self.total // WAVE_SAMPLES)
        self._waves = [Levels(2, np.int16, WAVE_COLUMNS, expected) for _ in range(self.channels)]
        self.available = 0
        """Samples decoded so far."""
        self.complete = False
        """Whether all samples are decoded."""
        self.error: str | None = None
        """Why decoding stopped before the end."""
        threading.Thread(target=self._decode, name="sonogram-decode", daemon=True).start()

    def _decode(self) -> None:
        try:
            rest = np.empty((self.channels, 0), self._dtype)
            for block in self._blocks():
                if self._closed:
                    return
                rows = np.atleast_2d(block)
                rows = (rows * 32768).astype(np.int16) if self._dtype == np.int16 else rows
                for spool, row in zip(self._spools, rows, strict=True):
                    spool.append(row)
                rest = self._push_wave(np.concatenate([rest, rows], axis=1), last=False)
                with self._changed:
                    self.available += rows.shape[1]
                    self._changed.notify_all()
            self._push_wave(rest, last=True)
        except (SonogramError, OSError, MemoryError) as error:
            self.error = _one_line(error)
        finally:
            with self._changed:
                self.total = self.available
                self.complete = True
                self._changed.notify_all()

    def _blocks(self) -> Iterator[Samples]:
        if not isinstance(self._source, Audio):
            return audio.blocks(self._source, _BLOCK, self._wanted, mono=self._mono, partial=True)
        samples = read_audio(self._source, self._wanted, mono=self._mono)
        return (samples[:, first : first + _BLOCK] for first in range(0, samples.shape[1], _BLOCK))

    def _push_wave(self, samples: NDArray[Any], last: bool) -> NDArray[Any]:
        """Add samples to the waveform; return those that do not fill a column."""
        whole = samples.shape[1] if last else samples.shape[1] // WAVE_SAMPLES * WAVE_SAMPLES
        for levels, row in zip(self._waves, samples, strict=True):
            columns = row[:whole, None]
            highest, lowest = reduce(columns, WAVE_SAMPLES), reduce(columns, WAVE_SAMPLES, np.minimum)
            # As the maximum of the samples and of their negative, one reduction gives both edges.
            levels.push(np.concatenate([-_int16(lowest), _int16(highest)], axis=1), last)
        return samples[:, whole:]

    def samples(self, channel: int, start: int, stop: int) -> Samples:
        """Return float32 samples from `start` to `stop`, or as many as are decoded."""
        values = self._spools[channel].read(start, stop)
        return np.multiply(values, _STEP, dtype=np.float32) if values.dtype == np.int16 else values

    def wave(self, channel: int, level: int, index: int) -> tuple[NDArray[np.int16], bool]:
        """Return lowest and highest samples of a piece, `(columns, 2)`; and whether it is complete."""
        first = index * WAVE_COLUMNS
        columns = self._waves[channel].read(level, first, first + WAVE_COLUMNS)
        return columns * np.array([-1, 1], np.int16), self.complete or len(columns) == WAVE_COLUMNS

    def num_wave_levels(self) -> int:
        """Return the number of levels of the waveform of the whole recording."""
        return num_levels(-(-self.total // WAVE_SAMPLES), WAVE_COLUMNS)

    def wait(self, samples: int, seconds: float | None = None) -> None:
        """Wait until so many samples are decoded, or all of them are; also ends with `close`."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.available >= samples or self.complete or self._closed, seconds
            )

    def close(self) -> None:
        """Stop decoding, and release memory and files."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        parts: tuple[Spool | Levels, ...] = (*self._spools, *self._waves)
        for part in parts:
            with suppress(OSError):
                part.close()


def _int16(values: NDArray[Any]) -> NDArray[np.int16]:
    """Return samples as 16-bit integers without -32768, which has no negative."""
    scaled = np.nan_to_num(values) * np.float32(32768) if values.dtype == np.float32 else values
    return scaled.clip(-_FULL_SCALE, _FULL_SCALE).astype(np.int16)


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError):
        return f"the recording cannot be decoded to disk ({error.strerror or error}); free some space"
    return "the recording does not fit into memory" if isinstance(error, MemoryError) else str(error)
