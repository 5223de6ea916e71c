"""Definitions for viewing recordings, chosen by their sample rate and length."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sonogram import audio
from sonogram.bands import Mel
from sonogram.errors import AudioError
from sonogram.frontend import Frontend
from sonogram.padding import Center
from sonogram.picture.arguments import ArgumentError, check_numbers
from sonogram.spectrum import Power
from sonogram.windows import Hann

__all__ = ["Resolution", "common_frontend", "viewing_frontend"]

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
        check_numbers(**vars(self))
        for name, value in vars(self).items():
            if value is not None and (value != int(value) or not 0 < value <= 1 << 20):
                message = f"{name} must be a number of samples from 1 to {1 << 20}; got {value}"
                raise ArgumentError(message, name)
        if self.window is not None and self.fft is not None and self.fft < self.window:
            raise ArgumentError(f"fft must be at least window ({self.window} samples); got {self.fft}", "fft")


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
