"""A recording of any length to panels, in memory that does not grow with it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram import audio
from sonogram.bands import Mel
from sonogram.errors import AudioError, SonogramError
from sonogram.frontend import Frontend
from sonogram.padding import Center
from sonogram.picture.panel import Panel, channel_titles
from sonogram.picture.reduce import Envelope, Peaks
from sonogram.spectrum import Power
from sonogram.windows import Hann

__all__ = ["common_frontend", "file_panels", "viewing_frontend"]

_WINDOW_SECONDS = 0.04
"""Harmonics of a voice stay apart, and the syllables too."""
_SHORTEST_SECONDS = 0.02
_SHARE = 1 / 25
"""In a short sound things happen faster: the window takes no more of it than this."""
_FINE_FRAMES = 1500
"""Frames that a picture can show: about one for each pixel."""
_HIGHEST_RATE = 48000
"""Hertz that many recordings are looked at with together."""
_MEL_BANDS = 75
_LOWEST = 50.0
"""Hertz where the bands begin; lower where the highest frequency is not far above."""
_BLOCK = 1 << 19
_MOST_WHOLE = 1 << 28
"""Samples and features held at once where a definition needs the whole clip: 1 GiB of floats."""


def viewing_frontend(sample_rate: int, num_samples: int) -> Frontend:
    """Return a definition made for looking: magnitudes under a Hann window of about 40 ms.

    In a short recording windows are shorter, down to 20 ms, and frames lie closer.

    Args:
        sample_rate: Hertz.
        num_samples: Length of the recording.

    Returns:
        A definition that can be streamed, with frames up to both ends of the recording.
    """
    window = min(max(num_samples / sample_rate * _SHARE, _SHORTEST_SECONDS), _WINDOW_SECONDS)
    frame_length = 1 << max(4, round(math.log2(window * sample_rate)))
    fine = 1 << max(0, math.floor(math.log2(max(num_samples / _FINE_FRAMES, 1))))
    return Frontend(
        sample_rate,
        frame_length,
        min(frame_length // 4, fine),
        max(frame_length, 2048 if fine < frame_length // 4 else 1024),
        padding=Center(),
        # A tone is as bright under a short window as under a long one: files can be compared.
        window=Hann(symmetry="periodic", norm="sum"),
    )


def common_frontend(paths: Sequence[str | os.PathLike[str]]) -> Frontend:
    """Return one definition for looking at many small pictures: mel bands, which leave less of them empty.

    Args:
        paths: Sound files; those that cannot be read are passed over.

    Returns:
        A definition that can be streamed, up to the highest frequency in any of the files, at most 24 kHz.
    """
    rates = []
    for path in paths:
        with suppress(AudioError):  # its turn comes when it is read
            rates.append(audio.info(path).sample_rate)
    rate = min(max(rates, default=_HIGHEST_RATE), _HIGHEST_RATE)
    frame_length = 1 << max(4, round(math.log2(_WINDOW_SECONDS * rate)))
    return Frontend(
        rate,
        frame_length,
        frame_length // 8,
        2 * frame_length,
        padding=Center(),
        window=Hann(symmetry="periodic", norm="sum"),
        spectrum=Power(),
        bands=Mel(_MEL_BANDS, min(_LOWEST, rate / 16), rate / 2),
    )


def file_panels(
    path: str | os.PathLike[str],
    frontend: Frontend | None = None,
    *,
    mono: bool = True,
    title: str | None = None,
) -> list[Panel]:
    """Read a sound file, computes its features and reduces both to what a picture shows.

    Args:
        path: The sound file.
        frontend: The definition, whose rate the sound is resampled to; None takes that of
            `viewing_frontend`.
        mono: Mix the channels to one, or make a panel for each.
        title: What stands above; None takes the name of the file.

    Returns:
        One panel, or one for each channel.

    Raises:
        AudioError: The file cannot be read.
        SonogramError: It is shorter than a frame, or too long for a definition that needs the
            whole clip.
    """
    facts = audio.info(path)
    if frontend is None:
        frontend = viewing_frontend(facts.sample_rate, facts.num_samples)
    rate = _whole_rate(frontend)
    title = os.path.basename(os.fspath(path)) if title is None else title
    channels = 1 if mono else facts.channels
    blocks = audio.blocks(path, _BLOCK, None if rate == facts.sample_rate else rate, mono=mono)
    envelopes = [Envelope() for _ in range(channels)]
    if frontend.streamable:
        peaks = _streamed(frontend, blocks, envelopes)
    else:
        length = math.ceil(facts.num_samples * rate / facts.sample_rate)
        peaks = _at_once(frontend, blocks, envelopes, length, str(path))
    titles = channel_titles(title, channels) if channels > 1 else [title]
    return [
        Panel.of(peak, frontend, envelope, name)
        for peak, envelope, name in zip(peaks, envelopes, titles, strict=True)
    ]


def _streamed(
    frontend: Frontend, blocks: Iterator[NDArray[np.float32]], envelopes: list[Envelope]
) -> list[Peaks]:
    from sonogram.streaming import Stream

    streams = [Stream(frontend) for _ in envelopes]
    peaks = [Peaks() for _ in envelopes]
    for block in blocks:
        for stream, peak, envelope, samples in zip(
            streams, peaks, envelopes, np.atleast_2d(block), strict=True
        ):
            envelope.push(samples)
            peak.push(stream.push(samples))
    for stream, peak in zip(streams, peaks, strict=True):
        peak.push(stream.finish())
    return peaks


def _at_once(
    frontend: Frontend,
    blocks: Iterator[NDArray[np.float32]],
    envelopes: list[Envelope],
    length: int,
    name: str,
) -> list[Peaks]:
    values = len(envelopes) * (length + frontend.num_frames(length) * frontend.num_bands)
    if values > _MOST_WHOLE:
        raise SonogramError(
            f"{name}: {length / frontend.sample_rate / 60:.0f} minutes are too long for this "
            "definition, which needs the whole clip in memory (it is not streamable); take a "
            "streamable one, or cut the file"
        )
    samples = np.atleast_2d(np.concatenate(list(blocks), axis=-1))
    peaks = [Peaks() for _ in envelopes]
    for clip, peak, envelope in zip(samples, peaks, envelopes, strict=True):
        envelope.push(clip)
        peak.push(frontend(clip))
    return peaks


def _whole_rate(frontend: Frontend) -> int:
    rate: Any = frontend.sample_rate
    if rate != int(rate):
        raise SonogramError(f"files are resampled to whole hertz; this definition is made for {rate} Hz")
    return int(rate)
