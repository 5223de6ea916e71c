"""Panels of recordings for definitions of any class: a panel for each part of a `Bundle` or `Spatial`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.definitions import AnyFrontend, check_channels, num_channels
from sonogram.frontend import Frontend
from sonogram.picture.arguments import ArgumentError
from sonogram.picture.panel import Panel, channel_titles, peaks_of
from sonogram.picture.parts import Piece, pieces
from sonogram.picture.recording import Part, check_channel, check_memory, file_panels, reach, whole_rate
from sonogram.picture.reduce import Envelope, Peaks
from sonogram.picture.sound import Sound, open_sound

__all__ = ["recording_panels"]


def recording_panels(
    source: Any,
    frontend: AnyFrontend | Callable[[int, int], Frontend] | None,
    part: Part,
    *,
    title: str | None = None,
    spectrum: Callable[[NDArray[np.float32], Frontend], NDArray[np.float32]] | None = None,
) -> list[Panel]:
    """Return the panels of a recording: one for each channel, and each part of the features.

    Args:
        source: A sound file, bytes, a file object, an `Audio`, or what `open_sound` returned.
        frontend: The definition, or what chooses one; see `file_panels`.
        part: What to show.
        title: Text above; None is the name of the file.
        spectrum: Function of a whole clip and a `Frontend`; see `file_panels`.

    Raises:
        AudioError: The file cannot be read.
        SonogramError: It has another number of channels than the definition needs, or a reason of
            `file_panels`.
    """
    if not isinstance(frontend, AnyFrontend) or isinstance(frontend, Frontend):
        return file_panels(source, frontend, part, title=title, spectrum=spectrum)
    sound = source if isinstance(source, Sound) else open_sound(source)
    needed = num_channels(frontend)
    check_channels(frontend, sound.channels, sound.name)
    if needed is not None and (part.channel is not None or not part.mono):
        name = "channels" if part.channel is None else "channel"
        raise ArgumentError("these features are of all channels together; leave it out", name)
    check_channel(sound, part)
    clips = _clips(sound, frontend, part, needed)
    title = sound.title if title is None else title
    titles: Sequence[str | None] = [title]
    if needed is None and sound.channels > 1 and (part.channel is not None or not part.mono):
        every = channel_titles(title, sound.channels)
        titles = every if part.channel is None else [every[part.channel - 1]]
    return [
        panel
        for name, (found, envelopes, offset, ends) in zip(titles, clips, strict=True)
        for panel in _panels(found, envelopes, offset, ends, name)
    ]


def _clips(sound: Sound, frontend: AnyFrontend, part: Part, needed: int | None) -> list[Any]:
    """Return pieces with their columns, envelopes, offset and ends of each clip."""
    start, stop = part.ends(sound)
    rate = whole_rate(frontend)
    offset, duration = reach(frontend, start, stop, part)
    mono = needed is None and part.mono and part.channel is None
    blocks = sound.blocks(offset, duration, rate, mono=mono)
    if part.channel is not None:
        blocks = (block[part.channel - 1 :][:1] for block in blocks)
    if not frontend.streamable:
        length = math.ceil((stop - start) * rate)
        check_memory(frontend, (needed or (1 if mono else sound.channels)) * length, length, sound.name)
        blocks = iter([np.concatenate(list(blocks), axis=-1)])
    count = 1 if needed is not None or mono or part.channel is not None else sound.channels
    every = [(_Columns(frontend), [Envelope() for _ in range(needed or 1)]) for _ in range(count)]
    for block in blocks:
        for (columns, envelopes), clip in zip(every, [block] if needed else block[:, None], strict=True):
            for envelope, samples in zip(envelopes, clip, strict=True):
                envelope.push(samples)
            columns.push(clip if needed else clip[0])
    ends = start, stop
    return [(columns.finish(), envelopes, offset, ends) for columns, envelopes in every]


class _Columns:
    """The features of a clip in columns, for each piece."""

    def __init__(self, frontend: Any) -> None:
        from sonogram.streaming import Stream

        self._frontend = frontend
        self._stream = Stream(self._frontend) if frontend.streamable else None
        self._pieces = [(piece, peaks_of(piece.frontend)) for piece in pieces(frontend)]

    def push(self, samples: NDArray[np.float32]) -> None:
        """Add samples; the whole clip if the definition is not streamable."""
        self._add(self._frontend(samples) if self._stream is None else self._stream.push(samples))

    def finish(self) -> list[tuple[Piece, Peaks]]:
        """Return the columns of each piece."""
        if self._stream is not None:
            self._add(self._stream.finish())
        return self._pieces

    def _add(self, features: NDArray[np.float32]) -> None:
        for piece, peaks in self._pieces:
            peaks.push(features[(slice(None), *piece.values)])


def _panels(
    found: list[tuple[Piece, Peaks]],
    envelopes: list[Envelope],
    offset: float,
    ends: tuple[float, float],
    title: str | None,
) -> Iterator[Panel]:
    drawn: set[int] = set()
    for piece, peaks in found:
        channel = 0 if len(found) == 1 else piece.channel
        # The waveform of a channel is drawn once, above its first panel.
        envelope = envelopes[channel] if channel is not None and channel not in drawn else None
        drawn |= {channel} if channel is not None else set()
        name = f"{title}, {piece.title}" if title and piece.title else piece.title or title
        yield Panel(peaks, piece.frontend, envelope, name, offset, ends)
