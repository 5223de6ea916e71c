"""`Recording`: one sound file of the viewer, with its tracks and pyramids, opened when it is looked at."""

from __future__ import annotations

import hashlib
import os
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

from sonogram import audio
from sonogram.audio import Audio, AudioInfo
from sonogram.errors import AudioError, SonogramError
from sonogram.frontend import Frontend
from sonogram.picture.recording import whole_rate
from sonogram.picture.viewing import viewing_frontend
from sonogram.viewer.definitions import identifier
from sonogram.viewer.pyramid import Pyramid
from sonogram.viewer.track import Track

__all__ = ["MIX", "Recording"]

MIX = "mix"
"""The channel that is the mean of all."""


class Recording:
    """A sound, and what was computed of it so far.

    Args:
        source: Path of the sound file, or sound in memory.
        name: Name for the page.
    """

    def __init__(self, source: Path | Audio, name: str) -> None:
        self.source = source
        self.name = name.encode("utf-8", "replace").decode()
        """Name for the page: bytes of a file name that are no UTF-8 become question marks."""
        self._lock = threading.Lock()
        self._tracks: dict[tuple[int, bool], Track] = {}
        self._pyramids: dict[tuple[str, str], Pyramid] = {}
        self._seen: tuple[int, int] | None = None

    @property
    def path(self) -> Path | None:
        """The sound file; None for sound in memory."""
        return None if isinstance(self.source, Audio) else self.source

    @cached_property
    def facts(self) -> AudioInfo:
        """Rate, channels and length.

        Raises:
            AudioError: The file cannot be read.
        """
        if not isinstance(self.source, Audio):
            self._seen = _size_and_time(self.source)
            return audio.info(self.source)
        samples = self.source.samples
        channels = 1 if samples.ndim == 1 else len(samples)
        return AudioInfo(int(self.source.sample_rate), channels, samples.shape[-1], "memory", "FLOAT")

    @cached_property
    def digest(self) -> str:
        """Hash of size, time and beginning of the file, for tags of tiles."""
        if isinstance(self.source, Audio):
            return hashlib.sha256(self.source.samples.tobytes()).hexdigest()[:16]
        try:
            status = os.stat(self.source)
            with self.source.open("rb") as file:
                head = file.read(1 << 16)
        except OSError as error:
            raise AudioError(f"{self.name}: cannot be read ({error.strerror}); check it") from None
        return hashlib.sha256(f"{status.st_size} {status.st_mtime_ns}".encode() + head).hexdigest()[:16]

    @property
    def has_changed(self) -> bool:
        """Whether the file is another one than when its facts were read."""
        return self.path is not None and self._seen not in (None, _size_and_time(self.path))

    def forget(self) -> None:
        """Forget what was read and computed of the file."""
        self.close()
        for name in ("facts", "digest", "frontend"):
            self.__dict__.pop(name, None)

    @cached_property
    def frontend(self) -> Frontend:
        """A definition for viewing this recording."""
        return viewing_frontend(self.facts.sample_rate, self.facts.num_samples)

    def track(self, channel: str, sample_rate: int | None = None) -> tuple[Track, int]:
        """Return the track of a channel at a rate, and the number of the channel in it.

        Raises:
            SonogramError: There is no such channel, or the file cannot be read.
        """
        number = self._channel(channel)
        rate = self.facts.sample_rate if sample_rate is None else sample_rate
        mono = channel == MIX or self.facts.channels == 1
        with self._lock:
            track = self._tracks.get((rate, mono))
            if track is None:
                track = self._tracks[rate, mono] = Track(self.source, self.facts, rate, mono=mono)
        return track, 0 if mono else number

    def _channel(self, channel: str) -> int:
        if channel == MIX:
            return 0
        if not (channel.isascii() and channel.isdigit() and int(channel) < self.facts.channels):
            raise SonogramError(f"{self.name} has no channel {channel[:20]!r}; it has {self.facts.channels}")
        return int(channel)

    def pyramid(self, channel: str, frontend: Frontend) -> Pyramid:
        """Return the pyramid of a channel for a front end; it begins to be computed."""
        track, number = self.track(channel, whole_rate(frontend))
        key = channel if channel == MIX or self.facts.channels > 1 else MIX, identifier(frontend)
        with self._lock:
            pyramid = self._pyramids.get(key)
            if pyramid is None:
                pyramid = self._pyramids[key] = Pyramid(track, number, frontend)
        return pyramid

    def progress(self) -> dict[str, Any]:
        """Return how far decoding and computing are."""
        tracks, pyramids = list(self._tracks.values()), dict(self._pyramids)
        own = [track for track in tracks if track.sample_rate == self.facts.sample_rate] or tracks
        parts: tuple[Track | Pyramid, ...] = (*tracks, *pyramids.values())
        errors = [part.error for part in parts if part.error]
        return {
            "samples": own[0].available if own else 0,
            "total": own[0].total if own else self.facts.num_samples,
            "decoded": all(track.complete for track in tracks),
            "pyramids": {"/".join(key): pyramid.progress() for key, pyramid in pyramids.items()},
            "error": errors[0] if errors else None,
        }

    def close(self) -> None:
        """Stop all work, and release memory and files."""
        with self._lock:
            parts: tuple[Track | Pyramid, ...] = (*self._pyramids.values(), *self._tracks.values())
            for part in parts:
                part.close()
            self._tracks, self._pyramids = {}, {}


def _size_and_time(path: Path) -> tuple[int, int] | None:
    """Return the size of a file and when it was written; None if it is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
