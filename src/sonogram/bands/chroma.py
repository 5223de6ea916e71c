"""Chroma: the energy of each pitch class, whatever its octave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sonogram.bands.base import Bands, Floats
from sonogram.config import require

__all__ = ["Chroma", "Octaves"]


@dataclass(frozen=True, repr=False)
class Chroma(Bands):
    """Pitch classes: bumps around each note, repeated in all octaves. Band 0 is C.

    A bin's weights over the classes have an L2 norm of 1, times a bump over the octaves. Low notes need
    long windows: two semitones at 65 Hz are 4 Hz apart. Source: D. Ellis, "Chroma feature analysis and
    synthesis", 2007; the filters are those of `librosa.filters.chroma`.

    Args:
        count: Number of pitch classes; 12 is one for each semitone.
        tuning: Deviation from A4 = 440 Hz, in classes: 0.5 is half a semitone for 12 classes.
        center_octave: Octave with the largest weight, counted from 27.5 Hz; None weights all equally.
        octave_width: Deviation of the weights over the octaves, in octaves.

    Example:
        >>> weights = sg.bands.Chroma().matrix(22050, 4096)
        >>> int(weights[round(440 / 22050 * 4096)].argmax())  # A is the tenth class from C
        9

    See Also:
        LogFrequency: the notes of each octave apart. Octaves: the same of a constant-Q transform.
    """

    count: int = 12
    tuning: float = 0
    center_octave: float | None = 5
    octave_width: float = 2

    def validate(self) -> None:
        require(
            isinstance(self.count, int) and self.count >= 1,
            f"count must be a whole number of at least 1; got {self.count}",
        )
        require(self.octave_width > 0, f"octave_width must be above 0; got {self.octave_width}")

    def num_bands(self, sample_rate: float, fft_length: int) -> int:
        return self.count

    def centers(self, sample_rate: float, fft_length: int) -> None:
        return None

    def matrix(self, sample_rate: float, fft_length: int) -> Floats:
        require(fft_length >= 2, f"Chroma needs an fft_length of at least 2; got {fft_length}")
        reference = 440 * 2 ** (self.tuning / self.count) / 16
        hertz = np.arange(1, fft_length) * sample_rate / fft_length
        # Octaves above A0. The bin at 0 Hz has none: it stands 1.5 octaves below the next one.
        octave = np.log2(hertz / reference)
        octave = np.concatenate([[octave[0] - 1.5], octave])
        pitch = self.count * octave
        # A bump is as wide as the distance to the next bin, and a class at least.
        width = np.append(np.maximum(np.diff(pitch), 1), 1)[:, None]
        half = round(self.count / 2)
        distance = (pitch[:, None] - np.arange(self.count) + half) % self.count - half
        weights = np.exp(-0.5 * (2 * distance / width) ** 2)
        weights /= np.linalg.norm(weights, axis=1, keepdims=True)
        if self.center_octave is not None:
            weights *= np.exp(-0.5 * ((octave - self.center_octave) / self.octave_width) ** 2)[:, None]
        # The classes above begin with A; C is three semitones above it.
        weights = np.roll(weights, -3 * (self.count // 12), axis=1)
        return np.asarray(weights[: fft_length // 2 + 1])


@dataclass(frozen=True, repr=False)
class Octaves(Bands):
    """Sums over the octaves of a transform with bins at equal musical intervals: its chroma.

    The first bin must be a note of class 0: C, for the default of `ConstantQ`. Of several bins for a class,
    the middle one is its note, so the first note of all has no bins below it.

    Args:
        count: Number of classes in an octave; 12 is one for each semitone.
        bins_per_class: Bins that are summed for a class in each octave, odd; 1 or 3 are usual.

    Example:
        >>> sg.bands.Octaves(bins_per_class=3).matrix(22050, 2 * 251)[:3, :2]  # 7 octaves of 36 bins
        array([[1., 0.],
               [1., 0.],
               [0., 1.]])

    See Also:
        Chroma: the same of a Fourier transform.
    """

    count: int = 12
    bins_per_class: int = 1

    def validate(self) -> None:
        for name in ("count", "bins_per_class"):
            value = getattr(self, name)
            require(
                isinstance(value, int) and value >= 1,
                f"{name} must be a whole number of at least 1; got {value}",
            )
        require(self.bins_per_class % 2 == 1, f"bins_per_class must be odd; got {self.bins_per_class}")

    def num_bands(self, sample_rate: float, fft_length: int) -> int:
        return self.count

    def centers(self, sample_rate: float, fft_length: int) -> None:
        return None

    def matrix(self, sample_rate: float, fft_length: int) -> Floats:
        bins = np.arange(fft_length // 2 + 1)
        classes = (bins + self.bins_per_class // 2) // self.bins_per_class % self.count
        return np.asarray(classes[:, None] == np.arange(self.count), np.float64)
