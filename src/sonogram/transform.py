"""The transform: from the samples of a frame to complex bins.

Source: J. Brown, "Calculation of a constant Q spectral transform", JASA 89 (1991); C. Schoerkhuber et al.,
"A Matlab toolbox for efficient perfect reconstruction time-frequency transforms with log-frequency
resolution", AES 53 (2014), for the variable Q.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.config import Stage, require

__all__ = ["ConstantQ", "Fourier", "Transform"]

Floats = NDArray[np.float64]


class Kernel(NamedTuple):
    """A complex bin as a sum over samples."""

    begin: int
    """Position in the frame of the first sample."""
    values: NDArray[np.complex128]
    """Factors of the samples from there on."""


@dataclass(frozen=True, repr=False)
class Transform(Stage, abstract=True):
    """Base of the transforms."""


@dataclass(frozen=True, repr=False)
class Fourier(Transform):
    """The short-time Fourier transform: bins `sample_rate / fft_length` apart, all of one resolution."""


@dataclass(frozen=True, repr=False)
class ConstantQ(Transform):
    """Bins spaced like notes, each over a time in proportion to its period: music and bird song.

    Bin k at `f = lower_hz * 2^(k / bins_per_octave)` is the sum of the samples times a Hann window of `L`
    samples and a complex exponential, divided by `L / 2`: a sine of amplitude 1 has a magnitude of 0.5,
    since its other half is at the negative frequency. `L = Q * sample_rate / (f + gamma / alpha)`, with Q
    the center frequency over the bandwidth and `alpha = 1 / Q`: a constant number of periods, or fewer at
    low frequencies with a `gamma` above 0. The window is evaluated at whole samples and L is not rounded,
    unless `rounding` is given.

    A frame must contain the longest window. `Center` puts bins and clip on one time; a stream is late by half
    a frame. The field `window` of the definition has no effect.

    Args:
        num_bins: Number of bins: octaves times `bins_per_octave`.
        lower_hz: Frequency of the first bin, hertz. The default is C1. Each octave lower doubles the window.
        bins_per_octave: Bins in one octave: 12 for semitones, 36 for tuning and glides.
        quality: Formula of Q. "bandwidth": the bandwidth of the window at its -6 dB points, as in librosa
            (17.3 for semitones); "spacing": the distance to the next bin,
            `1 / (2^(1 / bins_per_octave) - 1)` (16.8), as in nnAudio.
        gamma: Bandwidth added to each bin, hertz, at least 0: a variable-Q transform, with shorter windows
            for low notes.
        rounding: None keeps real lengths; "up" rounds L up to a whole number of samples (nnAudio).
        scale: "amplitude", or "energy": times the root of L, so that noise has the same level in all bins
            (librosa's and nnAudio's default).

    Example:
        >>> transform = sg.transform.ConstantQ(24, 220)
        >>> frontend = sg.Frontend(16000, transform.min_frame_length(16000), 160, transform=transform)
        >>> frontend.frequencies[[0, 12]].round()
        array([220., 440.])
        >>> sine = np.sin(2 * np.pi * 440 / 16000 * np.arange(8000))
        >>> int(frontend(sine)[20].argmax())
        12

    See Also:
        LogFrequency: bands on the same scale from a Fourier transform, far cheaper, coarser for low notes.
    """

    num_bins: int = 84
    lower_hz: float = 32.70319566257483
    bins_per_octave: int = 12
    quality: Literal["bandwidth", "spacing"] = "bandwidth"
    gamma: float = 0
    rounding: Literal["up"] | None = None
    scale: Literal["amplitude", "energy"] = "amplitude"

    def validate(self) -> None:
        for name in ("num_bins", "bins_per_octave"):
            value = getattr(self, name)
            require(
                isinstance(value, int) and value >= 1,
                f"{name} must be a whole number of at least 1; got {value}",
            )
        require(self.lower_hz > 0, f"lower_hz must be above 0; got {self.lower_hz}")
        require(self.gamma >= 0, f"gamma must not be negative; got {self.gamma}")

    @property
    def frequencies(self) -> Floats:
        """Frequency of each bin in hertz, `(bins,)`."""
        return np.asarray(self.lower_hz * 2.0 ** (np.arange(self.num_bins) / self.bins_per_octave))

    def lengths(self, sample_rate: float) -> Floats:
        """Return the length of each window in samples, `(bins,)`."""
        require(
            self.frequencies[-1] < sample_rate / 2,
            f"the highest bin must be below half the sample rate, {sample_rate / 2} Hz; "
            f"got {self.frequencies[-1]:.6g} Hz. Take fewer bins or a higher rate",
        )
        ratio = 2.0 ** (1 / self.bins_per_octave)
        alpha = (ratio**2 - 1) / (ratio**2 + 1) if self.quality == "bandwidth" else ratio - 1
        lengths = sample_rate / (alpha * self.frequencies + self.gamma)
        return np.asarray(np.ceil(lengths) if self.rounding == "up" else lengths)

    def min_frame_length(self, sample_rate: float) -> int:
        """Return the least `frame_length` of a definition with this transform, samples.

        Example:
            >>> sg.transform.ConstantQ().min_frame_length(22050)
            11686
        """
        half = float(self.lengths(sample_rate)[0]) / 2
        # An even length, so that `Center` places frames on whole samples.
        return 2 * math.ceil(half) if self.rounding == "up" else 2 * math.floor(half) + 2

    def kernels(self, sample_rate: float, frame_length: int) -> tuple[Kernel, ...]:
        """Return the bins as sums over the samples of a frame."""
        center = frame_length // 2
        kernels = []
        for hertz, length in zip(self.frequencies, self.lengths(sample_rate), strict=True):
            half = math.floor(length / 2)
            if self.rounding == "up":
                # A periodic window: its first weight is 0, its last one that before the next period. At an
                # odd length the larger half is before the center.
                half = math.ceil(length / 2)
                n = np.arange(-half, int(length) - half)
                weights = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(int(length)) / length)
            else:
                n = np.arange(-half, half + 1)
                weights = 0.5 + 0.5 * np.cos(2 * np.pi * n / length)
            gain = 2 / length * (math.sqrt(length) if self.scale == "energy" else 1)
            # The phase is reduced to one turn: a large angle would lose digits.
            turns = np.fmod(hertz / sample_rate * n, 1.0)
            kernels.append(Kernel(center - half, gain * weights * np.exp(-2j * np.pi * turns)))
        return tuple(kernels)
