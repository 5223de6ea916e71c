"""Triangles on other axes than the mel scale, and triangles whose corners are whole bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sonogram.bands.base import Bands, Floats
from sonogram.bands.mel import hertz_to_mel, mel_to_hertz
from sonogram.config import require

__all__ = ["Linear", "LogFrequency", "RoundedTriangles"]

Corners = NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class _Range(Bands, abstract=True):
    """A number of bands between two frequencies.

    Args:
        count: Number of bands, at least 1.
        lower_hz: Lower edge of the first band, hertz.
        upper_hz: Upper edge of the last band, hertz; None is half the sample rate.
    """

    count: int = 20
    lower_hz: float = 0
    upper_hz: float | None = None

    def validate(self) -> None:
        require(
            isinstance(self.count, int) and self.count >= 1,
            f"count must be a whole number of at least 1; got {self.count}",
        )
        require(self.lower_hz >= 0, f"lower_hz must not be negative; got {self.lower_hz}")

    def limits(self, sample_rate: float) -> tuple[float, float]:
        """Return both edges of the range, hertz."""
        upper = sample_rate / 2 if self.upper_hz is None else self.upper_hz
        require(
            self.lower_hz < upper <= sample_rate / 2,
            f"bands from {self.lower_hz} to {upper} Hz do not fit below half the sample rate, "
            f"{sample_rate / 2} Hz; lower upper_hz or raise the rate",
        )
        return self.lower_hz, upper

    def num_bands(self, sample_rate: float, fft_length: int) -> int:
        return self.count


@dataclass(frozen=True, repr=False)
class Linear(_Range):
    """Triangular filters, equally wide in hertz: the bank of linear-frequency cepstra (LFCC).

    They keep the detail above 4 kHz that mel bands average away: for spoofed speech and for animals.

    Example:
        >>> sg.bands.Linear(4).centers(16000, 512)
        array([1600., 3200., 4800., 6400.])

    See Also:
        Mel: narrow bands at low frequencies, wide ones at high frequencies.
    """

    def edges(self, sample_rate: float) -> Floats:
        """Return the corners of the triangles in hertz, `(bands + 2,)`."""
        return np.linspace(*self.limits(sample_rate), self.count + 2)

    def centers(self, sample_rate: float, fft_length: int) -> Floats:
        return self.edges(sample_rate)[1:-1]

    def matrix(self, sample_rate: float, fft_length: int) -> Floats:
        edges = self.edges(sample_rate)
        bins = np.arange(fft_length // 2 + 1) * sample_rate / fft_length
        width = np.diff(edges)
        rise = (bins[:, None] - edges[:-2]) / width[:-1]
        fall = (edges[2:] - bins[:, None]) / width[1:]
        return np.maximum(0.0, np.minimum(rise, fall))


@dataclass(frozen=True, repr=False)
class RoundedTriangles(_Range):
    """Triangular filters whose corners are whole bins.

    Narrow bands change by many percents against `Mel` and `Linear`. Take them to reproduce features that
    were made so. Source: J. Lyons, python_speech_features; the ASVspoof 2021 baselines.

    Args:
        scale: Axis on which the corners are equally spaced: "hertz", or "htk" for the mel scale of HTK.
        rounding: Bin of a corner at f: "down" is `floor((fft_length + 1) f / sample_rate)`, as these sources
            have it; "nearest" is the nearest bin (madmom).
        norm: "sum" divides each filter by the sum of its weights, and makes one that is narrower than 2 bins
            one bin; None leaves each peak at 1.

    Example:
        >>> sg.bands.RoundedTriangles(20).corners(16000, 512)[:4]
        array([ 0, 12, 24, 36])
    """

    scale: Literal["hertz", "htk"] = "hertz"
    rounding: Literal["down", "nearest"] = "down"
    norm: Literal["sum"] | None = None

    def corners(self, sample_rate: float, fft_length: int) -> Corners:
        """Return the corners as numbers of bins, `(bands + 2,)`."""
        lower, upper = self.limits(sample_rate)
        if self.scale == "hertz":
            hertz = np.linspace(lower, upper, self.count + 2)
        else:
            low, high = hertz_to_mel(lower, "htk"), hertz_to_mel(upper, "htk")
            hertz = mel_to_hertz(np.linspace(low, high, self.count + 2), "htk")
        if self.rounding == "nearest":
            return np.asarray(np.round(hertz * fft_length / sample_rate), np.int64)
        return np.asarray(np.floor((fft_length + 1) * hertz / sample_rate), np.int64)

    def matrix(self, sample_rate: float, fft_length: int) -> Floats:
        corners = self.corners(sample_rate, fft_length)
        if self.norm == "sum":
            return _unit_sums(corners, fft_length // 2 + 1)
        return _triangles(corners, fft_length // 2 + 1)


@dataclass(frozen=True, repr=False)
class LogFrequency(Bands):
    """Triangular filters centered on the notes of a scale, each moved to the nearest bin.

    Low notes that share a bin become one band, so the number of bands depends on the FFT. A triangle
    narrower than 2 bins is one bin. The weights of a band add up to 1. Source: S. Boeck et al., "madmom: a
    new Python audio and music signal processing library", ACM Multimedia 2016.

    Args:
        bands_per_octave: Centers in one octave; 12 is one for each semitone.
        lower_hz: Least frequency of a corner, hertz, above 0.
        upper_hz: Largest frequency of a corner, hertz.
        reference_hz: Frequency of one center, hertz: the tuning of A4.

    Example:
        >>> bands = sg.bands.LogFrequency(24, 60, 2600)
        >>> bands.num_bands(44100, 8192)
        113

    See Also:
        Chroma: all octaves in one.
    """

    bands_per_octave: int = 12
    lower_hz: float = 30
    upper_hz: float = 17000
    reference_hz: float = 440

    def validate(self) -> None:
        require(
            isinstance(self.bands_per_octave, int) and self.bands_per_octave >= 1,
            f"bands_per_octave must be a whole number of at least 1; got {self.bands_per_octave}",
        )
        require(
            0 < self.lower_hz < self.upper_hz,
            f"lower_hz must be above 0 and below upper_hz; got {self.lower_hz} and {self.upper_hz}",
        )
        require(self.reference_hz > 0, f"reference_hz must be above 0; got {self.reference_hz}")

    def corners(self, sample_rate: float, fft_length: int) -> Corners:
        """Return the corners as numbers of bins, without duplicates, `(bands + 2,)`."""
        require(
            self.upper_hz < sample_rate / 2,
            f"upper_hz must be below half the sample rate, {sample_rate / 2} Hz; got {self.upper_hz}",
        )
        octaves = np.log2(np.array([self.lower_hz, self.upper_hz]) / self.reference_hz)
        first, last = octaves * self.bands_per_octave
        hertz = self.reference_hz * 2.0 ** (
            np.arange(np.ceil(first), np.floor(last) + 1) / self.bands_per_octave
        )
        corners = np.unique(np.round(hertz * fft_length / sample_rate).astype(np.int64))
        require(
            len(corners) >= 3,
            f"only {len(corners)} notes from {self.lower_hz} to {self.upper_hz} Hz lie on different bins; "
            "a triangle needs 3. Widen the range or lengthen the FFT",
        )
        return corners

    def matrix(self, sample_rate: float, fft_length: int) -> Floats:
        return _unit_sums(self.corners(sample_rate, fft_length), fft_length // 2 + 1)

    def centers(self, sample_rate: float, fft_length: int) -> Floats:
        return np.asarray(self.corners(sample_rate, fft_length)[1:-1] * (sample_rate / fft_length))


def _triangles(corners: Corners, num_bins: int) -> Floats:
    """Return triangles between whole bins, `(bins, bands)`: 0 at both ends, 1 in the middle."""
    weights = np.zeros((num_bins, len(corners) - 2))
    for band, (first, peak, stop) in enumerate(zip(corners, corners[1:], corners[2:], strict=False)):
        for bin_ in range(first, peak):
            weights[bin_, band] = (bin_ - first) / (peak - first)
        for bin_ in range(peak, stop):
            weights[bin_, band] = (stop - bin_) / (stop - peak)
    return weights


def _unit_sums(corners: Corners, num_bins: int) -> Floats:
    """Return triangles whose weights add up to 1; one narrower than 2 bins is one bin."""
    weights = _triangles(corners, num_bins)
    for band, (first, stop) in enumerate(zip(corners, corners[2:], strict=False)):
        if stop - first < 2:
            weights[:, band] = 0
            weights[first, band] = 1
    return np.asarray(weights / weights.sum(axis=0))
