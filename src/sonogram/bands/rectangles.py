"""Bands of whole bins: sums and means of neighboring bins, or a part of the bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sonogram.bands.base import Bands, Floats
from sonogram.config import require
from sonogram.matrix import Matrix

__all__ = ["Bins", "Rectangles"]


@dataclass(frozen=True, repr=False)
class Rectangles(Bands):
    """Bands of whole bins without overlap: critical bands (Bark), ERB bands, third octaves.

    Args:
        edges_hz: Edges of the bands in hertz, a `Matrix`, `(bands + 1,)`, rising. Each is rounded to the
            nearest bin; a band ends before the bin at its upper edge.
        statistic: "sum", the energy in the band, or "mean", its density.

    Example:
        >>> octaves = sg.bands.Rectangles(sg.Matrix([250, 500, 1000, 2000, 4000]))
        >>> octaves.matrix(16000, 512).sum(axis=0)
        array([ 8., 16., 32., 64.])
    """

    edges_hz: Matrix = Matrix(())
    statistic: Literal["sum", "mean"] = "sum"

    def validate(self) -> None:
        require(
            isinstance(self.edges_hz, Matrix)
            and self.edges_hz.values.ndim == 1
            and self.edges_hz.shape[0] >= 2
            and self.edges_hz.values[0] >= 0
            and bool((np.diff(self.edges_hz.values) > 0).all()),
            "Rectangles takes its edges as a sonogram.Matrix of at least two rising frequencies in hertz; "
            f"got {self.edges_hz!r}",
        )

    def num_bands(self, sample_rate: float, fft_length: int) -> int:
        return self.edges_hz.shape[0] - 1

    def centers(self, sample_rate: float, fft_length: int) -> Floats:
        return np.asarray((self.edges_hz.values[1:] + self.edges_hz.values[:-1]) / 2)

    def matrix(self, sample_rate: float, fft_length: int) -> Floats:
        corners = np.floor(self.edges_hz.values * fft_length / sample_rate + 0.5).astype(np.int64)
        num_bins = fft_length // 2 + 1
        require(
            corners[-1] <= num_bins,
            f"the last edge must be at most half the sample rate, {sample_rate / 2} Hz; "
            f"got {self.edges_hz.values[-1]}",
        )
        bins = np.arange(num_bins)[:, None]
        weights = ((bins >= corners[:-1]) & (bins < corners[1:])).astype(np.float64)
        return weights / np.maximum(weights.sum(axis=0), 1) if self.statistic == "mean" else weights


@dataclass(frozen=True, repr=False)
class Bins(Bands):
    """A part of the bins, unchanged: the spectrum without the frequencies that a model does not use.

    Args:
        start: First bin, at least 0.
        stop: One past the last bin.

    Example:
        >>> sg.Frontend(16000, 512, 160, bands=sg.bands.Bins(0, 100)).num_bands
        100
    """

    start: int = 0
    stop: int = 1

    def validate(self) -> None:
        require(
            isinstance(self.start, int) and isinstance(self.stop, int) and 0 <= self.start < self.stop,
            f"start and stop must be whole numbers with 0 <= start < stop; got {self.start}, {self.stop}",
        )

    def num_bands(self, sample_rate: float, fft_length: int) -> int:
        return self.stop - self.start

    def matrix(self, sample_rate: float, fft_length: int) -> Floats:
        num_bins = fft_length // 2 + 1
        require(
            self.stop <= num_bins,
            f"stop must be at most {num_bins}, the bins of fft_length {fft_length}; got {self.stop}",
        )
        return np.eye(num_bins)[:, self.start : self.stop]
