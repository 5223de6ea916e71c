"""Spectrum: the real value that is computed from each complex bin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sonogram.config import Stage, require

__all__ = ["Complex", "Density", "Magnitude", "Power", "Spectrum"]


@dataclass(frozen=True, repr=False)
class Spectrum(Stage, abstract=True):
    """Base of the spectra."""

    unit: ClassVar[str]
    """What a bin holds: "magnitude" or "power"."""
    db_factor: ClassVar[float]
    """Factor of log10 that gives decibels: 20 for magnitude, 10 for power."""

    def detect(self, xp: Any, real: Any, imaginary: Any) -> Any:
        """Return the real bins, `(..., frames, bins)`, of a complex spectrum given by its parts."""
        raise NotImplementedError

    def bin_weights(
        self, sample_rate: float, window: NDArray[np.float64], fft_length: int
    ) -> NDArray[np.float64] | None:
        """Return a factor on each bin, `(bins,)`, that the bands take in; None is 1."""
        return None


@dataclass(frozen=True, repr=False)
class Magnitude(Spectrum):
    """`sqrt(re^2 + im^2 + epsilon)`, or `sqrt(max(re^2 + im^2, floor))`.

    Args:
        epsilon: Added under the root, at least 0. It bounds the gradient at silence; 0 is exact, and
            the gradient at silence is then 0.
        floor: Least value under the root, at least 0; 0 is none.

    See Also:
        Power: twice the contrast in the same unit, and what most mel features are made of.
    """

    epsilon: float = 0
    floor: float = 0

    unit = "magnitude"
    db_factor = 20.0

    def validate(self) -> None:
        for name in ("epsilon", "floor"):
            value = getattr(self, name)
            require(value >= 0, f"{name} is under a square root and must not be negative; got {value}")

    def detect(self, xp: Any, real: Any, imaginary: Any) -> Any:
        power = real * real + imaginary * imaginary
        if self.floor:
            power = xp.maximum(power, self.floor)
        if self.epsilon:
            power = power + self.epsilon
        return xp.sqrt(power) if self.epsilon or self.floor else xp.safe_sqrt(power)


@dataclass(frozen=True, repr=False)
class Power(Spectrum):
    """`re^2 + im^2`: the energy of a bin. Energies of bins add up in a band; magnitudes do not."""

    unit = "power"
    db_factor = 10.0

    def detect(self, xp: Any, real: Any, imaginary: Any) -> Any:
        return real * real + imaginary * imaginary


@dataclass(frozen=True, repr=False)
class Density(Power):
    """Power spectral density: `|X|^2 / (sample_rate * sum(window^2))`, in units of power per hertz.

    The sum over the bins, times their distance in hertz, is the mean power of the frame, because bins
    between 0 and half the sample rate count twice, for the negative frequencies too. The level of noise
    does not depend on window and FFT, so recordings of different devices can be compared.

    Source: P. Welch, "The use of fast Fourier transform for the estimation of power spectra", IEEE Trans.
    Audio Electroacoust. 15 (1967); `scipy.signal.spectrogram`, `matplotlib.pyplot.specgram`.

    Example:
        >>> noise = np.random.default_rng(0).normal(size=100_000)
        >>> frontend = sg.Frontend(1000, 256, 128, spectrum=sg.spectrum.Density())
        >>> round(float(frontend(noise).mean()), 3)  # a variance of 1 over 500 Hz
        0.002

    See Also:
        Power: without these factors, as mel features use it.
    """

    unit = "power/Hz"

    def bin_weights(
        self, sample_rate: float, window: NDArray[np.float64], fft_length: int
    ) -> NDArray[np.float64]:
        weights = np.full(fft_length // 2 + 1, 2 / (sample_rate * (window**2).sum()))
        weights[0] /= 2
        if fft_length % 2 == 0:
            weights[-1] /= 2
        return weights


@dataclass(frozen=True, repr=False)
class Complex(Spectrum):
    """Both parts of each bin: the real parts of all bins, then their imaginary parts.

    A model that reads and writes them needs no phase: phases jump by a turn and are noise where a bin is
    small. No scaling, cepstrum or bands follow, except `Bins`.

    Example:
        >>> frontend = sg.Frontend(16000, 512, 256, spectrum=sg.spectrum.Complex())
        >>> frontend(np.ones(512))[0, [0, 257]]  # the sum of the window, and no imaginary part
        array([256.,   0.], dtype=float32)

    See Also:
        Frontend.stft: the same as complex numbers, with its inverse.
    """

    unit = "real and imaginary part"
    db_factor = 20

    def detect(self, xp: Any, real: Any, imaginary: Any) -> Any:
        return xp.concatenate([real, imaginary], -1)
