"""Windows: the weights of the samples in one frame.

Source: F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier
transform", Proceedings of the IEEE 66 (1978); Kaldi for Povey's window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from sonogram.config import Config, choose, require
from sonogram.matrix import Matrix

__all__ = [
    "Blackman",
    "CustomWindow",
    "Hamming",
    "Hann",
    "Kaiser",
    "Povey",
    "Rectangular",
    "Window",
]

Symmetry = Literal["periodic", "symmetric", "periodic-if-even"]


@dataclass(frozen=True, repr=False)
class Window(Config):
    """Base of the windows: where the two ends lie, and what the weights add up to."""

    symmetry: Symmetry = "periodic"
    """Period: "periodic" the length, "symmetric" one less, "periodic-if-even" periodic at even lengths."""
    norm: Literal["sum", "energy"] | None = None
    """Divide by the sum of the weights ("sum"), the root of the sum of their squares ("energy"), or not."""

    def validate(self) -> None:
        choose("symmetry", self.symmetry, ("periodic", "symmetric", "periodic-if-even"))
        choose("norm", self.norm, (None, "sum", "energy"))

    def weights(self, length: int) -> NDArray[np.float64]:
        """Return the float64 weights, `(length,)`."""
        periodic = self.symmetry == "periodic" or (
            # What tf.signal calls periodic: at odd lengths it is the symmetric window.
            self.symmetry == "periodic-if-even" and length % 2 == 0
        )
        period = length if periodic else length - 1
        position = np.arange(length) / max(period, 1)
        weights = self.shape(position) if length > 1 else np.ones(length)
        if self.norm == "sum":
            weights = weights / weights.sum()
        elif self.norm == "energy":
            weights = weights / np.sqrt((weights**2).sum())
        return weights

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights at `position`, 0 at the first sample and 1 after one period."""
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class _Cosines(Window):
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
    """The raised cosine `0.5 - 0.5 cos`."""

    coefficients = (0.5, 0.5)


@dataclass(frozen=True, repr=False)
class Hamming(_Cosines):
    """The raised cosine on a pedestal, `0.54 - 0.46 cos`."""

    coefficients = (0.54, 0.46)


@dataclass(frozen=True, repr=False)
class Blackman(_Cosines):
    """Three terms, `0.42 - 0.5 cos + 0.08 cos 2`."""

    coefficients = (0.42, 0.5, 0.08)


@dataclass(frozen=True, repr=False)
class Povey(Window):
    """Kaldi's window: a symmetric Hann to the power 0.85."""

    symmetry: Symmetry = "symmetric"

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.maximum(0.5 - 0.5 * np.cos(2 * np.pi * position), 0.0) ** 0.85


@dataclass(frozen=True, repr=False)
class Kaiser(Window):
    """Kaiser's window: side lobes traded for width by `beta`."""

    beta: float = 12.0
    """Shape: 0 is rectangular, 8.6 is close to Blackman."""

    def validate(self) -> None:
        super().validate()
        require(self.beta >= 0, f"beta must not be negative; got {self.beta}")

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.i0(self.beta * np.sqrt(1 - (2 * position - 1) ** 2)) / np.i0(self.beta)


@dataclass(frozen=True, repr=False)
class Rectangular(Window):
    """No window: every weight is 1."""

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.ones_like(position)


@dataclass(frozen=True, repr=False)
class CustomWindow(Window):
    """A window given by its weights; its length is the frame length."""

    values: Matrix = Matrix(())
    """The weights, one for each sample of a frame."""

    def validate(self) -> None:
        super().validate()
        require(
            isinstance(self.values, Matrix) and self.values.values.ndim == 1 and self.values.shape[0] > 0,
            "CustomWindow takes its weights as values=sonogram.Matrix([...]) with one dimension",
        )

    def shape(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        require(
            len(position) == self.values.shape[0],
            f"a window of {self.values.shape[0]} explicit weights needs frame_length "
            f"{self.values.shape[0]}; got {len(position)}",
        )
        return self.values.values
