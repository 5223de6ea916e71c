"""Windows: the weights of the samples in one frame.

Source: F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier
transform", Proceedings of the IEEE 66 (1978); Kaldi for Povey's window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from sonogram.config import Stage, require
from sonogram.matrix import Matrix

__all__ = [
    "Blackman",
    "CustomWindow",
    "Hamming",
    "Hann",
    "Kaiser",
    "Povey",
    "Rectangular",
    "Vorbis",
    "Window",
]

_MAX_BETA = 700.0
"""Beyond it the Bessel function of the Kaiser window overflows."""
Symmetry = Literal["periodic", "symmetric", "periodic-if-even"]


@dataclass(frozen=True, repr=False)
class Window(Stage, abstract=True):
    """Base of the windows. A window trades leakage from distant frequencies for width of the main lobe.

    Args:
        symmetry: Period of the weights. "periodic": the length (DFT-even); take it for spectra. "symmetric":
            one less, so that both ends have the same weight; take it to reproduce Kaldi or
            SciPy's filter design. "periodic-if-even": periodic at even lengths and symmetric at odd
            ones, as in tf.signal.
        norm: Normalization of the weights. "sum" divides by their sum, so that the peak of a sine does
            not depend on the frame length; "energy" by the root of the sum of their squares, so that
            the power of noise does not; None keeps a peak of 1, as librosa and torchaudio do.
    """

    symmetry: Symmetry = "periodic"
    norm: Literal["sum", "energy"] | None = None

    def weights(self, length: int) -> NDArray[np.float64]:
        """Return the float64 weights, `(length,)`."""
        weights = self.shape(self.positions(length)) if length > 1 else np.ones(length)
        if self.norm is not None:
            require(
                bool(weights.any()) and (self.norm == "energy" or weights.sum() != 0),
                f'the weights of {length} samples have the sum 0, so norm="{self.norm}" cannot divide by it; '
                'take a longer frame, symmetry="periodic" or norm=None',
            )
        if self.norm == "sum":
            weights = weights / weights.sum()
        elif self.norm == "energy":
            weights = weights / np.sqrt((weights**2).sum())
        return weights

    def positions(self, length: int) -> NDArray[np.float64]:
        """Return the position of each sample in the period: 0 at the first one, 1 one period later."""
        periodic = self.symmetry == "periodic" or (self.symmetry == "periodic-if-even" and length % 2 == 0)
        return np.asarray(np.arange(length) / max(length if periodic else length - 1, 1))

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights at `position`; see `positions`."""
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class _Cosines(Window, abstract=True):
    """A sum of cosines with alternating signs."""

    coefficients: ClassVar[tuple[float, ...]]

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        terms = (
            (-1) ** order * weight * np.cos(2 * np.pi * order * position)
            for order, weight in enumerate(self.coefficients)
        )
        return np.asarray(np.sum(list(terms), axis=0))


@dataclass(frozen=True, repr=False)
class Hann(_Cosines):
    """The raised cosine `0.5 - 0.5 cos`: the usual choice. Side lobes start at -31 dB and fall fast.

    Example:
        >>> sg.windows.Hann().weights(4)
        array([0. , 0.5, 1. , 0.5])

    See Also:
        Hamming, Blackman: lower first side lobes.
    """

    coefficients = (0.5, 0.5)


@dataclass(frozen=True, repr=False)
class Hamming(_Cosines):
    """The raised cosine on a pedestal, `0.54 - 0.46 cos`: side lobes at -43 dB that hardly fall further."""

    coefficients = (0.54, 0.46)


@dataclass(frozen=True, repr=False)
class Blackman(_Cosines):
    """Three terms, `0.42 - 0.5 cos + 0.08 cos 2`: side lobes at -58 dB, a main lobe 1.5 times Hann's."""

    coefficients = (0.42, 0.5, 0.08)


@dataclass(frozen=True, repr=False)
class Povey(Window):
    """Kaldi's window: a symmetric Hann to the power 0.85."""

    symmetry: Symmetry = "symmetric"

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.maximum(0.5 - 0.5 * np.cos(2 * np.pi * position), 0.0) ** 0.85


@dataclass(frozen=True, repr=False)
class Kaiser(Window):
    """The Kaiser window, whose side lobes are traded for width by one number.

    Args:
        beta: Shape, from 0 to 700. 0 is rectangular, 5.4 close to Hamming, 8.6 close to Blackman. More
            lowers the side lobes and widens the main lobe.
    """

    beta: float = 12.0

    def validate(self) -> None:
        require(
            0 <= self.beta <= _MAX_BETA,
            f"beta must be from 0 to {_MAX_BETA:g}; got {self.beta}. 8.6 is close to Blackman",
        )

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.i0(self.beta * np.sqrt(1 - (2 * position - 1) ** 2)) / np.i0(self.beta)


@dataclass(frozen=True, repr=False)
class Tukey(Window):
    """A flat top between two halves of a Hann window.

    Args:
        taper: Part of the window that is tapered, from 0 (rectangular) to 1 (Hann); 0.25 is the default of
            `scipy.signal.spectrogram`.
    """

    taper: float = 0.5

    def validate(self) -> None:
        require(0 <= self.taper <= 1, f"taper must be from 0 to 1; got {self.taper}")

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        # Distance from the nearer edge, in tapers: 1 and more is the flat top.
        edge = np.minimum(position, 1 - position) * 2
        phase = np.minimum(edge / self.taper, 1) if self.taper else np.ones_like(position)
        return 0.5 - 0.5 * np.cos(np.pi * phase)


@dataclass(frozen=True, repr=False)
class Vorbis(Window):
    """The sine of half a turn of a squared sine, `sin(pi / 2 sin^2(pi (n + 1/2) / length))`.

    The squares of two windows half a length apart add up to 1: a signal multiplied by them before and after a
    transform is restored by overlap and addition. `symmetry` has no effect. Source: Xiph.Org, "Vorbis I
    specification", 2020; RNNoise, DeepFilterNet.
    """

    def positions(self, length: int) -> NDArray[np.float64]:
        return (np.arange(length) + 0.5) / length

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.sin(np.pi / 2 * np.sin(np.pi * position) ** 2))


@dataclass(frozen=True, repr=False)
class Rectangular(Window):
    """Weights of 1: the narrowest main lobe, and side lobes at only -13 dB."""

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.ones_like(position)


@dataclass(frozen=True, repr=False)
class CustomWindow(Window):
    """A window given by its weights.

    Args:
        values: One weight for each sample of a frame, a `Matrix` of one dimension. Its length must be
            `frame_length`; `symmetry` has no effect.

    Example:
        >>> sg.windows.CustomWindow(values=sg.Matrix([0, 1, 0])).weights(3)
        array([0., 1., 0.])
    """

    values: Matrix = Matrix(())

    def validate(self) -> None:
        require(
            isinstance(self.values, Matrix) and self.values.values.ndim == 1 and self.values.shape[0] > 0,
            "CustomWindow takes its weights as values=sonogram.Matrix([...]) with one dimension",
        )

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        require(
            len(position) == self.values.shape[0],
            f"a CustomWindow of {self.values.shape[0]} weights needs frame_length={self.values.shape[0]}; "
            f"got {len(position)}",
        )
        return self.values.values
