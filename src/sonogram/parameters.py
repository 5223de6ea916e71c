"""The parameters of a front end, and the sizes that follow from them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from sonogram.bands import Bands
from sonogram.cepstrum import Cepstrum
from sonogram.conditioning import Conditioning
from sonogram.config import Config
from sonogram.deltas import Deltas
from sonogram.normalize import Normalize
from sonogram.padding import Padding, Valid
from sonogram.scaling import Scaling
from sonogram.spectrum import Complex, Magnitude, Spectrum
from sonogram.stack import Stack
from sonogram.transform import ConstantQ, Fourier, Transform
from sonogram.windows import Hann, Window

__all__ = ["Parameters"]


@dataclass(frozen=True, repr=False)
class Parameters(Config):
    """The fields of a front end. `Definition` adds what follows from them for a clip.

    `sonogram.Frontend` describes each field and how to choose its value.
    """

    sample_rate: float
    frame_length: int
    frame_step: int
    fft_length: int | None = None
    _: KW_ONLY
    padding: Padding = Valid()
    conditioning: Conditioning = Conditioning()
    window: Window = Hann(symmetry="periodic-if-even")
    transform: Transform = Fourier()
    spectrum: Spectrum = Magnitude()
    bands: Bands | None = None
    scaling: Scaling | None = None
    cepstrum: Cepstrum | None = None
    deltas: Deltas | None = None
    normalize: Normalize | None = None
    stack: Stack | None = None

    @property
    def fft_size(self) -> int:
        """Length of the Fourier transform in samples, also where `fft_length` is None."""
        if isinstance(self.transform, ConstantQ):
            return self.frame_length
        return self.fft_length or 1 << (self.frame_length - 1).bit_length()

    @property
    def bank_size(self) -> int:
        """Length of the Fourier transform that has as many bins as this definition, as banks take it."""
        return 2 * (self.num_bins - 1) if isinstance(self.transform, ConstantQ) else self.fft_size

    @property
    def frame_span(self) -> int:
        """Samples that a frame covers where frames are placed and counted; see `Padding`."""
        return self.fft_size if self.padding.span == "fft" else self.frame_length

    @property
    def window_offset(self) -> int:
        """Samples from the beginning of a frame's span to that of its window."""
        return (self.frame_span - self.frame_length) // 2

    @property
    def num_bins(self) -> int:
        """Number of bins of the spectrum."""
        if isinstance(self.transform, ConstantQ):
            return self.transform.num_bins
        return self.fft_size // 2 + 1

    @property
    def has_linear_bins(self) -> bool:
        """Whether the bands are the bins of a Fourier transform, at equal distances in hertz."""
        real = not isinstance(self.spectrum, Complex)
        return self.bands is None and isinstance(self.transform, Fourier) and real

    @property
    def num_filters(self) -> int:
        """Number of bands before cepstrum and stack: the filters, or the bins without a filter bank."""
        parts = 2 if isinstance(self.spectrum, Complex) else 1
        if self.bands is None:
            return parts * self.num_bins
        return parts * self.bands.num_bands(self.sample_rate, self.bank_size)

    @property
    def stack_size(self) -> int:
        """Number of frames in one row of features: 1 without a stack."""
        return self.stack.size if self.stack else 1

    @property
    def rows_share_frames(self) -> bool:
        """Whether one frame enters several rows of features: with deltas, or a stack with overlap."""
        return self.deltas is not None or (self.stack is not None and self.stack.stride < self.stack.size)

    @property
    def num_bands(self) -> int:
        """Number of values in one row of features."""
        single = self.num_filters if self.cepstrum is None else self.cepstrum.num_coefficients
        derivatives = self.deltas.order if self.deltas else 0
        return int(single * (1 + derivatives) * self.stack_size)
