"""The definition of a micro front end: frozen, comparable, plain data."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.config import Config, Stage, require
from sonogram.micro.bits import COEFFICIENT_BITS, SNR_BITS
from sonogram.micro.mel import hertz, mel_edges

__all__ = ["GainControl", "MicroDefinition", "NoiseReduction"]


def _check_whole(name: str, value: Any, low: int, high: int) -> None:
    require(
        isinstance(value, int) and low <= value <= high,
        f"{name} must be a whole number from {low} to {high}; got {value!r}",
    )


@dataclass(frozen=True, repr=False)
class NoiseReduction(Stage):
    """Subtraction of a running estimate of the noise in each band.

    The estimate begins at 0, so that the first frames are hardly reduced.

    Args:
        scaling_bits: Fractional bits of the estimate.
        even_smoothing: Weight of the new frame in the estimates of bands 0, 2, 4, ..., between 0 and 1.
        odd_smoothing: Weight in those of bands 1, 3, 5, ...; the larger one follows speech faster.
        min_signal_remaining: Part of the amplitude that remains at least, between 0 and 1. 1 turns the
            reduction off.
    """

    scaling_bits: int = 10
    even_smoothing: float = 0.025
    odd_smoothing: float = 0.06
    min_signal_remaining: float = 0.05

    def validate(self) -> None:
        _check_whole("scaling_bits", self.scaling_bits, 0, 16)
        for name in ("even_smoothing", "odd_smoothing", "min_signal_remaining"):
            value = getattr(self, name)
            require(0 <= value <= 1, f"{name} must be between 0 and 1; got {value!r}")


@dataclass(frozen=True, repr=False)
class GainControl(Stage):
    """Per-channel amplitude normalization (PCAN): division of each band by a power of its noise estimate.

    Args:
        strength: Exponent of the noise estimate. 0 leaves the level, 1 removes it.
        offset: Number added to the estimate before the power, above 0: quieter noise changes little.
        gain_bits: Fractional bits of the gain.
    """

    strength: float = 0.95
    offset: float = 80
    gain_bits: int = 21

    def validate(self) -> None:
        require(0 <= self.strength <= 2, f"strength must be between 0 and 2; got {self.strength!r}")
        require(0 < self.offset <= 1e6, f"offset must be above 0, at most 1000000; got {self.offset!r}")
        _check_whole("gain_bits", self.gain_bits, 0, 31)


@dataclass(frozen=True, repr=False)
class MicroDefinition(Config):
    """The fields of a micro front end, with its sizes and axes. `MicroFrontend` adds the computation.

    `sonogram.MicroFrontend` describes each field.
    """

    sample_rate: float = 16000
    frame_length: int = 480
    frame_step: int = 160
    _: KW_ONLY
    num_mel_bins: int = 40
    lower_hz: float = 125
    upper_hz: float = 7500
    noise_reduction: NoiseReduction = NoiseReduction()
    gain_control: GainControl | None = GainControl()
    log_bits: int | None = 6
    scale: float = 1

    def validate(self) -> None:
        require(0 < self.sample_rate <= 1e6, f"sample_rate must be above 0; got {self.sample_rate!r}")
        _check_whole("frame_length", self.frame_length, 16, 16384)
        _check_whole("frame_step", self.frame_step, 1, self.frame_length)
        _check_whole("num_mel_bins", self.num_mel_bins, 1, 1024)
        half = self.sample_rate / 2
        require(
            0 <= self.lower_hz < self.upper_hz < half,
            f"lower_hz and upper_hz must be in order and below half the sample rate ({half:g} Hz); got "
            f"{self.lower_hz!r} and {self.upper_hz!r}",
        )
        if self.log_bits is not None:
            _check_whole("log_bits", self.log_bits, 0, 11)
        require(self.scale > 0, f"scale must be above 0; got {self.scale!r}")
        self._check_bits()

    def _check_bits(self) -> None:
        taken = self.fft_size.bit_length() - 1 - COEFFICIENT_BITS // 2
        scaling, gain = self.noise_reduction.scaling_bits, self.gain_control
        require(
            gain is None or scaling >= taken,
            f"scaling_bits must be at least {taken} for frames of {self.frame_length}; got {scaling}",
        )
        require(
            gain is None or gain.gain_bits >= taken + SNR_BITS,
            f"gain_bits must be at least {taken + SNR_BITS} for frames of {self.frame_length}",
        )

    # Sizes, axes and units: the words of `Frontend`.

    @property
    def fft_size(self) -> int:
        """Length of the Fourier transform: the power of two at or above `frame_length`."""
        return 1 << (int(self.frame_length) - 1).bit_length()

    @property
    def num_bins(self) -> int:
        """Number of bins of the spectrum."""
        return self.fft_size // 2 + 1

    @property
    def num_bands(self) -> int:
        """Number of values in one row of features."""
        return int(self.num_mel_bins)

    def num_frames(self, num_samples: int) -> int:
        """Return the number of rows of features of a clip: only whole frames count.

        Args:
            num_samples: Length of the clip, samples.

        Raises:
            DefinitionError: It is negative, or no whole number.

        Example:
            >>> sg.preset("micro-speech").num_frames(16000)
            49
        """
        require(
            isinstance(num_samples, Real) and num_samples >= 0 and num_samples % 1 == 0,
            f"num_samples must be a whole number of at least 0; got {num_samples!r}",
        )
        return max(0, int(num_samples) - self.frame_length + self.frame_step) // self.frame_step

    def times(self, num_frames: int) -> NDArray[np.float64]:
        """Return the center of each frame in the clip, seconds, `(num_frames,)`.

        Args:
            num_frames: Number of rows.

        Example:
            >>> sg.preset("microwakeword").times(3)
            array([0.015, 0.025, 0.035])
        """
        return np.asarray(
            (np.arange(num_frames) * self.frame_step + self.frame_length / 2) / self.sample_rate
        )

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Center of each band in hertz, `(bands,)`."""
        return hertz(mel_edges(self.lower_hz, self.upper_hz, self.num_mel_bins)[1:-1])

    @property
    def unit(self) -> str:
        """Unit of the features, such as "64 ln amplitude"."""
        factor = self.scale * (1 if self.log_bits is None else 2**self.log_bits)
        name = "amplitude" if self.log_bits is None else "ln amplitude"
        return name if factor == 1 else f"{factor:g} {name}"

    @property
    def frame_period(self) -> float:
        """Seconds from one row of features to the next."""
        return self.frame_step / self.sample_rate

    @property
    def streamable(self) -> bool:
        """Whether the features can be computed before the end of the clip is known: always."""
        return True

    @property
    def latency(self) -> int:
        """Samples that a stream needs after the center of a row of features to return it."""
        return self.frame_length - self.frame_length // 2
