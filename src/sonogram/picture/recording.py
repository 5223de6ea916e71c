"""Panels of recordings of any length, in constant memory: one for each channel and part of the features."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sonogram.definitions import AnyFrontend, check_channels, frontends_of, num_channels
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.micro import MicroFrontend
from sonogram.picture.arguments import ArgumentError, check_numbers
from sonogram.picture.panel import Panel, channel_titles, peaks_of
from sonogram.picture.parts import FeaturePart, feature_parts
from sonogram.picture.reduce import Envelope, Peaks
from sonogram.picture.sound import Sound, open_sound
from sonogram.picture.viewing import viewing_frontend

__all__ = ["Excerpt", "file_panels", "whole_rate"]

Samples: TypeAlias = NDArray[np.float32]

_MAX_VALUES = 1 << 28
"""Samples and features in memory at once if a definition needs the whole clip: 1 GiB of floats."""


@dataclass(frozen=True)
class Excerpt:
    """The part of a recording to show.

    Args:
        start: Its beginning, seconds.
        duration: Its length, seconds; None shows all that follows.
        channel: Number of the channel, 1 is the first; None shows all.
        mono: Whether to mix the channels, or make a panel for each.

    Raises:
        SonogramError: A value is out of range.
    """

    start: float = 0.0
    duration: float | None = None
    channel: int | None = None
    mono: bool = True

    def __post_init__(self) -> None:
        check_numbers(start=self.start, duration=self.duration, channel=self.channel)
        if not 0 <= self.start < math.inf:
            raise ArgumentError(f"start must be a number of seconds of at least 0; got {self.start}", "start")
        if self.duration is not None and not 0 < self.duration < math.inf:
            message = f"duration must be a number of seconds above 0; got {self.duration}"
            raise ArgumentError(message, "duration")
        if self.channel is not None and self.channel < 1:
            raise ArgumentError(f"channel must be at least 1, the first; got {self.channel}", "channel")

    def ends(self, sound: Sound) -> tuple[float, float]:
        """Return the ends of the excerpt in a recording, seconds.

        Args:
            sound: The recording.

        Raises:
            SonogramError: The recording ends before `start`.
        """
        total = sound.num_samples / sound.sample_rate
        if self.start >= total:
            raise SonogramError(
                f"{sound.name}: ends at {total:g} s; start must be before; got {self.start:g}"
            )
        return self.start, total if self.duration is None else min(total, self.start + self.duration)


def file_panels(
    source: Any,
    frontend: AnyFrontend | Callable[[int, int], Frontend] | None = None,
    excerpt: Excerpt | None = None,
    *,
    title: str | None = None,
    spectrum: Callable[[Samples, Frontend], Samples] | None = None,
) -> list[Panel]:
    """Return the panels of a recording, in memory that does not grow with its length.

    Args:
        source: A sound file, bytes, a file object, an `Audio`, or what `open_sound` returned.
        frontend: The definition, of any class, or a function that returns a `Frontend` for a sample rate and
            a number of samples. The sound is resampled to its rate. None is `viewing_frontend`.
        excerpt: What to show; None shows all, mixed.
        title: Text above; None is the name of the file.
        spectrum: Function of a whole clip and a `Frontend` that returns other features of the same shape,
            such as `reassigned`; None is the front end itself.

    Returns:
        One panel, or one for each channel. A `Bundle` or `Spatial` has one for each part of its features.

    Raises:
        AudioError: The file cannot be read.
        SonogramError: It is shorter than a frame, too long for a definition that needs the whole clip, has
            no such excerpt or channel, or another number of channels than the definition needs.

    See Also:
        `stack`, which draws panels.
    """
    sound, excerpt = source if isinstance(source, Sound) else open_sound(source), excerpt or Excerpt()
    start, stop = excerpt.ends(sound)
    if not isinstance(frontend, AnyFrontend):
        num_samples = max(1, round((stop - start) * sound.sample_rate))
        frontend = (frontend or viewing_frontend)(sound.sample_rate, num_samples)
    _check_channels(sound, frontend, excerpt)
    offset, duration = _reach(frontend, start, stop, excerpt)
    blocks = _blocks(sound, frontend, excerpt, offset, duration)
    single = excerpt.mono or excerpt.channel is not None
    clips = [_Clip(frontend, spectrum) for _ in range(1 if single else sound.channels)]
    if not clips[0].is_streamed:
        length = math.ceil((stop - start) * whole_rate(frontend))
        _check_memory(frontend, length, len(clips), sound.name)
        blocks = iter([np.concatenate(list(blocks), axis=-1)])
    for block in blocks:
        for clip, samples in zip(clips, np.split(block, len(clips)), strict=True):
            clip.push(samples)
    # A whole recording ends where its waveform does; panels of parts may have none.
    ends = None if duration is None and isinstance(frontend, Frontend) else (start, stop)
    titles = _titles(sound.title if title is None else title, sound.channels, excerpt)
    return [
        Panel(peaks, part.frontend, envelope, _join(name, part.title), offset, ends)
        for clip, name in zip(clips, titles, strict=True)
        for part, peaks, envelope in clip.finish()
    ]


def _check_channels(sound: Sound, frontend: AnyFrontend, excerpt: Excerpt) -> None:
    """Raise `SonogramError` if a sound does not have the channels of a definition and an excerpt."""
    check_channels(frontend, sound.channels, sound.name)
    if num_channels(frontend) is not None and (excerpt.channel is not None or not excerpt.mono):
        name = "channels" if excerpt.channel is None else "channel"
        raise ArgumentError("these features are of all channels together; leave it out", name)
    if excerpt.channel is not None and excerpt.channel > sound.channels:
        channels = f"{sound.channels} channel{'s' if sound.channels > 1 else ''}"
        raise SonogramError(f"{sound.name}: has {channels}; channel must be at most {sound.channels}")


def _reach(frontend: Any, start: float, stop: float, excerpt: Excerpt) -> tuple[float, float | None]:
    """Return offset and duration to read for an excerpt, seconds.

    A window more at both ends makes the first and the last frame whole. The offset is at a frame of the whole
    recording, so that the features are those of the whole recording.
    """
    if start == 0 and excerpt.duration is None:
        return 0.0, None
    if not frontend.streamable or isinstance(frontend, MicroFrontend):  # statistics are those of the excerpt
        return start, stop - start
    spans = (each.frame_span * max(1, each.stack_size) for each in frontends_of(frontend))
    around = max(spans) / frontend.sample_rate
    period = frontend.frame_period
    offset = max(0.0, math.floor((start - around) / period) * period)
    return offset, stop + around - offset


def _blocks(
    sound: Sound, frontend: AnyFrontend, excerpt: Excerpt, offset: float, duration: float | None
) -> Iterator[Samples]:
    """Return the samples to draw in blocks, `(channels, samples)`."""
    together = num_channels(frontend) is not None
    mono = excerpt.mono and excerpt.channel is None and not together
    blocks = sound.blocks(offset, duration, whole_rate(frontend), mono=mono)
    if excerpt.channel is None:
        return blocks
    channel = slice(excerpt.channel - 1, excerpt.channel)
    return (block[channel] for block in blocks)


class _Clip:
    """The features and the waveform of one clip, reduced to columns.

    Args:
        frontend: The definition.
        spectrum: Function of the whole clip that takes the place of the definition; None for none.
    """

    def __init__(self, frontend: Any, spectrum: Callable[[Samples, Frontend], Samples] | None) -> None:
        from sonogram.streaming import Stream

        self.is_streamed = spectrum is None and frontend.streamable
        """Whether the clip may arrive in blocks."""
        self._stream = Stream(frontend) if self.is_streamed else None
        self._compute = frontend if spectrum is None else lambda clip: spectrum(clip, frontend)
        self._channels = num_channels(frontend)
        self._envelopes = [Envelope() for _ in range(self._channels or 1)]
        self._parts = [(part, peaks_of(part.frontend)) for part in feature_parts(frontend)]

    def push(self, samples: Samples) -> None:
        """Add samples, `(channels, samples)`."""
        for envelope, channel in zip(self._envelopes, samples, strict=True):
            envelope.push(channel)
        clip = samples[0] if self._channels is None else samples
        self._add(self._compute(clip) if self._stream is None else self._stream.push(clip))

    def finish(self) -> Iterator[tuple[FeaturePart, Peaks, Envelope | None]]:
        """Yield the parts of the features, their columns, and the waveform above the first of a channel."""
        if self._stream is not None:
            self._add(self._stream.finish())
        waves: dict[int | None, Envelope] = dict(enumerate(self._envelopes))
        for part, peaks in self._parts:
            yield part, peaks, waves.pop(0 if len(self._parts) == 1 else part.channel, None)

    def _add(self, features: Samples) -> None:
        for part, peaks in self._parts:
            peaks.push(features[(slice(None), *part.values)])


def _titles(title: str | None, channels: int, excerpt: Excerpt) -> Sequence[str | None]:
    """Return the title of each clip."""
    if channels == 1 or (excerpt.mono and excerpt.channel is None):
        return [title]
    titles = channel_titles(title, channels)
    return titles if excerpt.channel is None else [titles[excerpt.channel - 1]]


def _join(title: str | None, part: str) -> str | None:
    return f"{title}, {part}" if title and part else part or title


def _check_memory(frontend: AnyFrontend, length: int, clips: int, name: str) -> None:
    """Raise `SonogramError` if clips of a length are too long for a definition that is not streamable."""
    values = (num_channels(frontend) or clips) * length
    if values + clips * frontend.num_frames(length) * frontend.num_bands > _MAX_VALUES:
        raise SonogramError(
            f"{name}: {length / frontend.sample_rate / 60:.0f} minutes are too long for this "
            "definition, which needs the whole clip in memory (it is not streamable); use a "
            "streamable one, or show a part"
        )


def whole_rate(frontend: Any) -> int:
    """Return the sample rate that files are resampled to.

    Raises:
        SonogramError: It is not a whole number.
    """
    rate: Any = frontend.sample_rate
    if rate != int(rate):
        raise SonogramError(f"sample_rate of a front end for files must be a whole number; got {rate} Hz")
    return int(rate)
