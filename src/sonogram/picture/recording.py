"""Panels of recordings of any length, in constant memory."""

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

__all__ = ["common_frontend", "file_panels", "viewing_frontend", "whole_rate"]

_WINDOW_SECONDS = 0.04
"""Window length: it separates the harmonics of a voice, and its syllables."""
_SHORTEST_SECONDS = 0.02
_SHARE = 1 / 25
"""Largest share of a short recording that a window covers: events in it are short, too."""
_FINE_FRAMES = 1500
"""Number of frames that a picture can show: about one for each pixel."""
_HIGHEST_RATE = 48000
"""Highest common sample rate of several recordings, Hz."""
_MEL_BANDS = 75
_LOWEST = 50.0
"""Lowest frequency of the bands, Hz; lower at low sample rates."""
_BLOCK = 1 << 19
_MAX_VALUES = 1 << 28
"""Samples and features in memory at once if a definition needs the whole clip: 1 GiB of floats."""


def viewing_frontend(sample_rate: int, num_samples: int) -> Frontend:
    """Return a definition for viewing one recording: magnitudes with a Hann window of about 40 ms.

    In a short recording windows are shorter, down to 20 ms, and frames are closer.

    Args:
        sample_rate: Sample rate of the recording, Hz.
        num_samples: Length of the recording, samples.

    Returns:
        A streamable definition, with frames up to both ends of the recording.

    See Also:
        `sonogram.show`, which uses it.
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
        # With this norm a tone has the same magnitude for any window length, so files can be compared.
        window=Hann(symmetry="periodic", norm="sum"),
    )


def common_frontend(paths: Sequence[str | os.PathLike[str]]) -> Frontend:
    """Return one definition for viewing many small pictures: mel bands, which use the space better.

    Args:
        paths: Sound files; those that cannot be read are skipped.

    Returns:
        A streamable definition up to the highest frequency in any of the files, at most 24 kHz.
    """
    rates = []
    for path in paths:
        with suppress(AudioError):  # reported when its samples are read
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
    """Return the panels of a sound file, in memory that does not grow with its length.

    Args:
        path: The sound file.
        frontend: The definition. The sound is resampled to its rate. None is that of
            `viewing_frontend`.
        mono: Whether to mix the channels to one panel, or make a panel for each.
        title: Text above; None is the name of the file.

    Returns:
        One panel, or one for each channel.

    Raises:
        AudioError: The file cannot be read.
        SonogramError: It is shorter than a frame, or too long for a definition that needs the
            whole clip.

    See Also:
        `stack`, which draws panels.
    """
    facts = audio.info(path)
    if frontend is None:
        frontend = viewing_frontend(facts.sample_rate, facts.num_samples)
    rate = whole_rate(frontend)
    title = os.path.basename(os.fspath(path)) if title is None else title
    channels = 1 if mono else facts.channels
    wanted = None if rate == facts.sample_rate else rate
    blocks = audio.blocks(path, _BLOCK, wanted, mono=mono, partial=True)
    envelopes = [Envelope() for _ in range(channels)]
    if frontend.streamable:
        peaks = _stream(frontend, blocks, envelopes)
    else:
        length = math.ceil(facts.num_samples * rate / facts.sample_rate)
        peaks = _at_once(frontend, blocks, envelopes, length, str(path))
    titles = channel_titles(title, channels) if channels > 1 else [title]
    return [
        Panel(peak, frontend, envelope, name)
        for peak, envelope, name in zip(peaks, envelopes, titles, strict=True)
    ]


def _stream(
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
    if values > _MAX_VALUES:
        raise SonogramError(
            f"{name}: {length / frontend.sample_rate / 60:.0f} minutes are too long for this "
            "definition, which needs the whole clip in memory (it is not streamable); use a "
            "streamable one, or split the file"
        )
    samples = np.atleast_2d(np.concatenate(list(blocks), axis=-1))
    peaks = [Peaks() for _ in envelopes]
    for clip, peak, envelope in zip(samples, peaks, envelopes, strict=True):
        envelope.push(clip)
        peak.push(frontend(clip))
    return peaks


def whole_rate(frontend: Frontend) -> int:
    """Return the sample rate that files are resampled to.

    Raises:
        SonogramError: It is not a whole number.
    """
    rate: Any = frontend.sample_rate
    if rate != int(rate):
        raise SonogramError(f"sample_rate of a front end for files must be a whole number; got {rate} Hz")
    return int(rate)
