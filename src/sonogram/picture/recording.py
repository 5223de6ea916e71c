"""Panels of recordings of any length, in constant memory."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram import audio
from sonogram.bands import Mel
from sonogram.definitions import frontends_of
from sonogram.errors import AudioError, SonogramError
from sonogram.frontend import Frontend
from sonogram.micro import MicroFrontend
from sonogram.padding import Center
from sonogram.picture.arguments import ArgumentError
from sonogram.picture.panel import Panel, channel_titles, peaks_of
from sonogram.picture.reduce import Envelope, Peaks
from sonogram.picture.sound import Sound, open_sound
from sonogram.spectrum import Power
from sonogram.windows import Hann

__all__ = [
    "Part",
    "Resolution",
    "check_channel",
    "check_memory",
    "common_frontend",
    "file_panels",
    "reach",
    "viewing_frontend",
    "whole_rate",
]

_WINDOW_SECONDS = 0.04
"""Window length: it separates the harmonics of a voice, and its syllables."""
_SHORTEST_SECONDS = 0.02
_SHARE = 1 / 25
"""Largest share of a short recording that a window covers: events in it are short, too."""
_HIGHEST_COMMON_RATE = 48000
"""Highest rate of recordings for people, Hz. Calls above their range are shorter: see `_ultrasound`."""
_SHORTEST_WINDOW = 256
"""Shortest window above that rate, samples."""
_FINE_FRAMES = 1500
"""Number of frames that a picture can show: about one for each pixel."""
_MOST_OVERLAP = 1024
"""Largest number of steps in a window."""
_MEL_BANDS = 75
_LOWEST = 50.0
"""Lowest frequency of the bands, Hz; lower at low sample rates."""
_MAX_VALUES = 1 << 28
"""Samples and features in memory at once if a definition needs the whole clip: 1 GiB of floats."""


@dataclass(frozen=True)
class Resolution:
    """Resolution in time and frequency, in samples of the recording; None chooses.

    Args:
        window: Window length. Longer windows resolve frequency better and time worse.
        step: Distance between windows. Below a quarter of the window little is gained.
        fft: Length of the Fourier transform, at least `window`. More interpolates between frequencies.

    Raises:
        SonogramError: A value is not a whole number above 0.
    """

    window: int | None = None
    step: int | None = None
    fft: int | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and (value != int(value) or not 0 < value <= 1 << 20):
                message = f"{name} must be a number of samples from 1 to {1 << 20}; got {value}"
                raise ArgumentError(message, name)
        if self.window is not None and self.fft is not None and self.fft < self.window:
            raise ArgumentError(f"fft must be at least window ({self.window} samples); got {self.fft}", "fft")


@dataclass(frozen=True)
class Part:
    """The part of recordings to show.

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
        if not 0 <= self.start < math.inf:
            raise ArgumentError(f"start must be a number of seconds of at least 0; got {self.start}", "start")
        if self.duration is not None and not 0 < self.duration < math.inf:
            message = f"duration must be a number of seconds above 0; got {self.duration}"
            raise ArgumentError(message, "duration")
        if self.channel is not None and self.channel < 1:
            raise ArgumentError(f"channel must be at least 1, the first; got {self.channel}", "channel")

    def ends(self, sound: Sound) -> tuple[float, float]:
        """Return the ends of the part in a recording, seconds.

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


def viewing_frontend(
    sample_rate: int, num_samples: int, resolution: Resolution | None = None, *, logarithmic: bool = False
) -> Frontend:
    """Return a definition for viewing one recording: magnitudes with a Hann window of about 40 ms.

    In a short recording windows are shorter, down to 20 ms, and frames are closer. Above 48 kHz windows are
    shorter, too, because calls of bats are: about 10 ms at 96 kHz and 2 ms at 192 kHz.

    Args:
        sample_rate: Sample rate of the recording, Hz.
        num_samples: Length of the part to show, samples.
        resolution: Window, step and length of the transform, where they are given.
        logarithmic: Whether the frequency axis is logarithmic. Windows are then twice as long, because low
            frequencies take most of the height.

    Returns:
        A streamable definition, with frames up to both ends of the recording.

    Raises:
        SonogramError: The transform is shorter than the window.

    See Also:
        `sonogram.show`, which uses it.
    """
    resolution = resolution or Resolution()
    window = min(max(num_samples / sample_rate * _SHARE, _SHORTEST_SECONDS), _WINDOW_SECONDS)
    window *= _ultrasound(sample_rate) * (2 if logarithmic else 1)
    least = _SHORTEST_WINDOW if sample_rate > _HIGHEST_COMMON_RATE else 16
    frame_length = resolution.window or max(least, 1 << max(4, round(math.log2(window * sample_rate))))
    fine = 1 << max(0, math.floor(math.log2(max(num_samples / _FINE_FRAMES, 1))))
    # A window far longer than the part shows nothing more with a finer step, and takes long.
    frame_step = resolution.step or min(max(frame_length // 4, 1), max(fine, frame_length // _MOST_OVERLAP))
    rows = 4096 if logarithmic else 2048 if fine < frame_length // 4 else 1024
    fft_length = resolution.fft or max(frame_length, rows)
    if fft_length < frame_length:
        raise ArgumentError(
            f"fft must be at least window ({frame_length} samples); got {fft_length}. Choose both", "fft"
        )
    return Frontend(
        sample_rate,
        frame_length,
        frame_step,
        max(fft_length, 2 * frame_length) if logarithmic and resolution.fft is None else fft_length,
        padding=Center(),
        # With this norm a tone has the same magnitude for any window length, so files can be compared.
        window=Hann(symmetry="periodic", norm="sum"),
    )


def _ultrasound(sample_rate: float) -> float:
    """Return the factor of window lengths at rates above those for people.

    The square is chosen for what is recorded at each rate: 10 ms at 96 kHz resolves the whistles of dolphins,
    and 2.5 ms at 192 kHz the sweeps of bats, which pass through 50 kHz in a few milliseconds.
    """
    return min(1.0, (_HIGHEST_COMMON_RATE / sample_rate) ** 2)


def common_frontend(paths: Sequence[str | os.PathLike[str]], *, bands: bool = True) -> Frontend:
    """Return one definition for viewing many small pictures: mel bands, which use the space better.

    Args:
        paths: Sound files; those that cannot be read are skipped.
        bands: Whether to use mel bands, if the recordings are for people.

    Returns:
        A streamable definition up to the highest frequency in any of the files. Above 24 kHz, where calls
        would share the top of a mel axis, it has no bands.
    """
    rates = []
    for path in paths:
        with suppress(AudioError):  # reported when its samples are read
            rates.append(audio.info(path).sample_rate)
    rate = max(rates, default=_HIGHEST_COMMON_RATE)
    window = _WINDOW_SECONDS * _ultrasound(rate)
    frame_length = 1 << max(4, round(math.log2(window * rate)))
    for_people = rate <= _HIGHEST_COMMON_RATE
    return Frontend(
        rate,
        frame_length,
        frame_length // 8,
        2 * frame_length,
        padding=Center(),
        window=Hann(symmetry="periodic", norm="sum"),
        spectrum=Power(),
        bands=Mel(_MEL_BANDS, min(_LOWEST, rate / 16), rate / 2) if bands and for_people else None,
    )


def file_panels(
    source: Any,
    frontend: Frontend | Callable[[int, int], Frontend] | None = None,
    part: Part | None = None,
    *,
    title: str | None = None,
    spectrum: Callable[[NDArray[np.float32], Frontend], NDArray[np.float32]] | None = None,
) -> list[Panel]:
    """Return the panels of a recording, in memory that does not grow with its length.

    Args:
        source: A sound file, bytes, a file object, an `Audio`, or what `open_sound` returned.
        frontend: The definition, or a function that returns it for a sample rate and a number of samples. The
            sound is resampled to its rate. None is `viewing_frontend`.
        part: What to show; None shows all, mixed.
        title: Text above; None is the name of the file.
        spectrum: Function of a whole clip and the definition that returns other features of the same shape,
            such as `reassigned`; None is the front end itself.

    Returns:
        One panel, or one for each channel.

    Raises:
        AudioError: The file cannot be read.
        SonogramError: It is shorter than a frame, too long for a definition that needs the whole clip, or
            has no such part or channel.

    See Also:
        `stack`, which draws panels.
    """
    sound, part = source if isinstance(source, Sound) else open_sound(source), part or Part()
    start, stop = part.ends(sound)
    check_channel(sound, part)
    if not isinstance(frontend, Frontend):
        samples = max(1, round((stop - start) * sound.sample_rate))
        frontend = (frontend or viewing_frontend)(sound.sample_rate, samples)
    rate = whole_rate(frontend)
    offset, duration = reach(frontend, start, stop, part)
    blocks = sound.blocks(offset, duration, rate, mono=part.mono and part.channel is None)
    if part.channel is not None:
        blocks = (block[part.channel - 1 :][:1] for block in blocks)
    count = 1 if part.mono or part.channel is not None else sound.channels
    envelopes = [Envelope() for _ in range(count)]
    if frontend.streamable and spectrum is None:
        peaks = _stream(frontend, blocks, envelopes)
    else:
        compute = spectrum or (lambda clip, definition: definition(clip))
        length = math.ceil((stop - start) * rate)
        peaks = _at_once(frontend, blocks, envelopes, length, sound.name, compute)
    title = sound.title if title is None else title
    titles = channel_titles(title, count) if count > 1 else [title]
    if part.channel is not None and sound.channels > 1:
        titles = [channel_titles(title, sound.channels)[part.channel - 1]]
    whole = start == 0 and part.duration is None
    return [
        Panel(peak, frontend, envelope, name, offset, None if whole else (start, stop))
        for peak, envelope, name in zip(peaks, envelopes, titles, strict=True)
    ]


def check_channel(sound: Sound, part: Part) -> None:
    """Raise `SonogramError` if a sound does not have the channel of a part.

    Args:
        sound: The sound.
        part: What to show of it.
    """
    if part.channel is not None and part.channel > sound.channels:
        channels = f"{sound.channels} channel{'s' if sound.channels > 1 else ''}"
        raise SonogramError(f"{sound.name}: has {channels}; channel must be at most {sound.channels}")


def reach(frontend: Any, start: float, stop: float, part: Part) -> tuple[float, float | None]:
    """Return what to read for a part: a window more at both ends, so that its first and last frame are whole.

    It begins at a frame of the whole recording, so that the features are those of the whole recording.
    """
    if start == 0 and part.duration is None:
        return 0.0, None
    if not frontend.streamable or isinstance(frontend, MicroFrontend):  # statistics are those of the part
        return start, stop - start
    spans = (each.frame_span * max(1, each.stack_size) for each in frontends_of(frontend))
    around = max(spans) / frontend.sample_rate
    period = frontend.frame_period
    offset = max(0.0, math.floor((start - around) / period) * period)
    return offset, stop + around - offset


def _stream(
    frontend: Frontend, blocks: Iterator[NDArray[np.float32]], envelopes: list[Envelope]
) -> list[Peaks]:
    from sonogram.streaming import Stream

    streams = [Stream(frontend) for _ in envelopes]
    peaks = [peaks_of(frontend) for _ in envelopes]
    for block in blocks:
        for stream, peak, envelope, samples in zip(streams, peaks, envelopes, block, strict=True):
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
    compute: Callable[[NDArray[np.float32], Frontend], NDArray[np.float32]],
) -> list[Peaks]:
    check_memory(frontend, len(envelopes) * length, length, name, len(envelopes))
    samples = np.concatenate(list(blocks), axis=-1)
    peaks = [peaks_of(frontend) for _ in envelopes]
    for clip, peak, envelope in zip(samples, peaks, envelopes, strict=True):
        envelope.push(clip)
        peak.push(compute(clip, frontend))
    return peaks


def check_memory(frontend: Any, samples: int, length: int, name: str, clips: int = 1) -> None:
    """Raise `SonogramError` if clips of a length are too long for a definition that is not streamable.

    Args:
        frontend: The definition, of any class.
        samples: Number of samples of all channels together.
        length: Number of samples of a channel.
        name: Name of the recording.
        clips: Number of clips whose features are computed.
    """
    if samples + clips * frontend.num_frames(length) * frontend.num_bands > _MAX_VALUES:
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
