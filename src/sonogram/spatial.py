"""Features of several channels, microphones or ambisonics: what differs between them.

Source: A. Politis et al., "STARSS22: A dataset of spatial recordings", DCASE 2022 (the baselines of sound
event localization); C. Knapp, G. Carter, "The generalized correlation method for estimation of time
delay", IEEE TASSP 24 (1976); T. N. T. Nguyen et al., "SALSA-Lite", ICASSP 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.bands import Bands, Bins, Mel
from sonogram.config import Stage, require, require_least
from sonogram.definition import Definition

__all__ = ["CrossCorrelation", "Intensity", "PhaseDifference", "SpatialFeature"]


@dataclass(frozen=True, repr=False)
class SpatialFeature(Stage, abstract=True):
    """Base of what is computed from the complex bins of all channels, in each frame alone."""

    def num_values(self, frontend: Definition, channels: int) -> int:
        """Return the number of values in one frame."""
        raise NotImplementedError

    def compute(self, xp: Any, frontend: Definition, real: list[Any], imaginary: list[Any]) -> list[Any]:
        """Return parts of the features, each `(..., frames, values)`, from the bins of each channel."""
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class Intensity(SpatialFeature):
    """Active intensity of first-order ambisonics: from which direction the energy of each band comes.

    `Re(conj(W) V) / (epsilon + |W|^2 + sum |V|^2 / 3)` for each V of the three channels after W, summed into
    bands.

    Args:
        bands: Filter bank on the intensities of the bins.
        epsilon: Added to the energy, above 0.
    """

    bands: Bands = Mel.slaney(64)
    epsilon: float = 1e-8

    def validate(self) -> None:
        require_least("epsilon", self.epsilon)

    def num_values(self, frontend: Definition, channels: int) -> int:
        require(channels == 4, f"Intensity needs the 4 channels of first-order ambisonics; got {channels}")
        require(frontend.bands is None, f"Intensity needs all bins, bands=None; got {frontend.bands!r}")
        return 3 * self.bands.num_bands(frontend.sample_rate, frontend.fft_size)

    def compute(self, xp: Any, frontend: Definition, real: list[Any], imaginary: list[Any]) -> list[Any]:
        power = [re * re + im * im for re, im in zip(real, imaginary, strict=True)]
        energy = power[0] + (power[1] + power[2] + power[3]) * (1 / 3) + self.epsilon
        matrix = self.bands.matrix(frontend.sample_rate, frontend.fft_size)
        products = (real[0] * re + imaginary[0] * im for re, im in zip(real[1:], imaginary[1:], strict=True))
        return [xp.matmul(product / energy, matrix) for product in products]


@dataclass(frozen=True, repr=False)
class CrossCorrelation(SpatialFeature):
    """Cross-correlation of each pair of channels with the phases alone (GCC-PHAT): peaks at the delays.

    A bin that is exactly 0 in a channel counts as equal phases, so two silent channels have no delay.

    Args:
        lags: Number of delays, even: from `-lags / 2` to `lags / 2 - 1` samples.
    """

    lags: int = 64

    def validate(self) -> None:
        require(
            isinstance(self.lags, int) and self.lags >= 2 and self.lags % 2 == 0,
            f"lags must be an even number of at least 2; got {self.lags}",
        )

    def num_values(self, frontend: Definition, channels: int) -> int:
        require(frontend.bands is None, f"CrossCorrelation needs all bins; got bands={frontend.bands!r}")
        return self.lags * (channels * (channels - 1) // 2)

    def matrix(self, fft_length: int) -> NDArray[np.float64]:
        """Return the inverse transform at these lags, from real and imaginary parts, `(2 bins, lags)`."""
        bins = np.arange(fft_length // 2 + 1)[:, None]
        angle = 2 * np.pi / fft_length * (bins * np.arange(-self.lags // 2, self.lags // 2) % fft_length)
        # A bin between 0 and half the rate stands for its negative frequency too.
        weights = np.where((bins == 0) | (2 * bins == fft_length), 1, 2) / fft_length
        return np.vstack([weights * np.cos(angle), -weights * np.sin(angle)])

    def compute(self, xp: Any, frontend: Definition, real: list[Any], imaginary: list[Any]) -> list[Any]:
        matrix = self.matrix(frontend.fft_size)
        parts = []
        for a, b in combinations(range(len(real)), 2):
            re = real[a] * real[b] + imaginary[a] * imaginary[b]
            im = real[a] * imaginary[b] - imaginary[a] * real[b]
            size = xp.safe_sqrt(re * re + im * im)
            silent = size == 0
            one = xp.zeros_like(size) + 1.0
            size = xp.where(silent, one, size)
            phase = xp.concatenate([xp.where(silent, one, re / size), im / size], -1)
            parts.append(xp.matmul(phase, matrix))
        return parts


@dataclass(frozen=True, repr=False)
class PhaseDifference(SpatialFeature):
    """Difference of the phase of each channel to the first one, as a difference of path lengths in meters.

    `angle(X conj(X_0)) speed_of_sound / (2 pi f)`: the same at all frequencies for one direction.

    Args:
        upper_hz: Frequency from which bins are 0, hertz: where half a wavelength is shorter than the distance
            of the microphones, phases are ambiguous.
        speed_of_sound: Meters per second.
    """

    upper_hz: float = 2000
    speed_of_sound: float = 343

    def validate(self) -> None:
        require(self.upper_hz > 0, f"upper_hz must be above 0; got {self.upper_hz}")
        require(self.speed_of_sound > 0, f"speed_of_sound must be above 0; got {self.speed_of_sound}")

    def num_values(self, frontend: Definition, channels: int) -> int:
        return (channels - 1) * (frontend.num_filters // 2)

    def meters(self, frontend: Definition) -> NDArray[np.float64]:
        """Return the difference of path lengths for a phase of one radian in each bin, `(bins,)`."""
        first = frontend.bands.start if isinstance(frontend.bands, Bins) else 0
        bins = first + np.arange(frontend.num_filters // 2)
        hertz = np.maximum(bins, 1) * (frontend.sample_rate / frontend.fft_size)
        return np.where(hertz < self.upper_hz, self.speed_of_sound / (2 * np.pi * hertz), 0)

    def compute(self, xp: Any, frontend: Definition, real: list[Any], imaginary: list[Any]) -> list[Any]:
        meters = self.meters(frontend)
        parts = []
        for re, im in zip(real[1:], imaginary[1:], strict=True):
            # atan2(0, 0) has no gradient: a silent bin has phase 0.
            cosine, sine = re * real[0] + im * imaginary[0], im * real[0] - re * imaginary[0]
            silent = (cosine == 0) & (sine == 0)
            angle = xp.atan2(sine, xp.where(silent, xp.zeros_like(cosine) + 1.0, cosine))
            # Opposite phases are pi, whatever the sign of the 0: ONNX has no atan2, and no sign of 0.
            angle = xp.where((sine == 0) & (cosine < 0), xp.zeros_like(cosine) + np.pi, angle)
            parts.append(angle * xp.cast(xp.constant(meters, angle), angle))
        return parts
