"""Cepstra: the cosine transform of log bands.

Source: S. Davis, P. Mermelstein, "Comparison of parametric representations for monosyllabic word
recognition in continuously spoken sentences", IEEE TASSP 28 (1980); Kaldi for the lifter and the energy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sonogram.config import Stage, require, require_least

__all__ = ["Cepstrum"]


@dataclass(frozen=True, repr=False)
class Cepstrum(Stage):
    """The first coefficients of a DCT-II over the bands; of log mel bands these are MFCCs.

    Args:
        num_coefficients: Number of coefficients, at most that of the bands. 13 describes the envelope of
            speech; 20 to 40 keep more detail.
        norm: Scale of the transform. "ortho" makes it orthonormal; "htk" multiplies every row, the first
            included, by `sqrt(2 / bands)`.
        lifter: Length L of the lifter, which multiplies coefficient i by `1 + L / 2 * sin(pi * i / L)`
            and so brings the higher ones to a similar range; 22 is usual (HTK, Kaldi). None is off.
        energy: Use of the log energy. "replace" puts that of the frame, before pre-emphasis and window, in
            place of the first coefficient (Kaldi's `use_energy`); "spectrum" the sum of the power spectrum,
            divided by the length of the transform and compressed like a band (ASVspoof's LFCC); None leaves
            it out.
        energy_floor: Least energy before its logarithm, above 0; with "replace" only.

    Example:
        >>> mfcc = sg.preset("kaldi-mfcc-13").cepstrum
        >>> mfcc.num_coefficients, mfcc.lifter
        (13, 22)
    """

    num_coefficients: int = 13
    norm: Literal["ortho", "htk"] = "ortho"
    lifter: float | None = None
    energy: Literal["replace", "spectrum"] | None = None
    energy_floor: float = 1.1920928955078125e-07

    def validate(self) -> None:
        require(
            isinstance(self.num_coefficients, int) and self.num_coefficients >= 1,
            f"num_coefficients must be a whole number of at least 1; got {self.num_coefficients}",
        )
        require(self.lifter is None or self.lifter > 0, f"lifter must be above 0, or None; got {self.lifter}")
        require_least("energy_floor", self.energy_floor)

    def matrix(self, num_bands: int) -> NDArray[np.float64]:
        """Return the float64 transform, lifter included, `(bands, coefficients)`."""
        require(
            self.num_coefficients <= num_bands,
            f"num_coefficients must be at most {num_bands}, the number of bands; got {self.num_coefficients}",
        )
        order = np.arange(self.num_coefficients)
        band = np.arange(num_bands)[:, None]
        transform = np.cos(np.pi * order * (2 * band + 1) / (2 * num_bands)) * np.sqrt(2 / num_bands)
        if self.norm == "ortho":
            transform[:, 0] *= np.sqrt(0.5)
        if self.lifter is not None:
            transform *= 1 + self.lifter / 2 * np.sin(np.pi * order / self.lifter)
        return np.asarray(transform)
