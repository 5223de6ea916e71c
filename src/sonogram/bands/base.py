"""What all filter banks share, and a bank given by its weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonogram.config import Stage, require
from sonogram.matrix import Matrix

__all__ = ["Bands", "Filterbank", "Floats"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Bands(Stage, abstract=True):
    """Base of the filter banks."""

    def matrix(self, sample_rate: float, fft_length: int) -> Floats:
        """Return the float64 weights, `(bins, bands)`."""
        raise NotImplementedError

    def num_bands(self, sample_rate: float, fft_length: int) -> int:
        """Return the number of bands."""
        return int(self.matrix(sample_rate, fft_length).shape[1])

    def centers(self, sample_rate: float, fft_length: int) -> Floats | None:
        """Return the center of each band in hertz, `(bands,)`: that of mass, unless the bank defines one.

        None if the bands have no centers.
        """
        weights = np.abs(self.matrix(sample_rate, fft_length))
        bins = np.linspace(0, sample_rate / 2, len(weights))
        return np.asarray((bins @ weights) / np.maximum(weights.sum(axis=0), np.finfo(np.float64).tiny))


@dataclass(frozen=True, repr=False)
class Filterbank(Bands):
    """A filter bank given by its weights.

    Args:
        weights: A `Matrix`, `(bins, bands)`, with `fft_length // 2 + 1` bins.

    Example:
        >>> octaves = sg.bands.Filterbank(sg.Matrix(np.eye(257)[:, [8, 16, 32, 64, 128]]))
        >>> sg.Frontend(16000, 512, 160, bands=octaves).num_bands
        5
    """

    weights: Matrix = Matrix(())

    def validate(self) -> None:
        require(
            isinstance(self.weights, Matrix) and self.weights.values.ndim == 2,
            "Filterbank takes its weights as a sonogram.Matrix of shape (bins, bands)",
        )

    def matrix(self, sample_rate: float, fft_length: int) -> Floats:
        bins = fft_length // 2 + 1
        require(
            self.weights.shape[0] == bins,
            f"Filterbank must have one row for each of the {bins} bins of fft_length {fft_length}; "
            f"got {self.weights.shape[0]} rows",
        )
        return self.weights.values
