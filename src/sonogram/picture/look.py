"""How a picture looks: the few choices there are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sonogram.errors import SonogramError

__all__ = ["COLORS", "Look"]

COLORS = ("magma", "inferno", "plasma", "viridis", "cividis", "gray", "gray-print")
"""Color maps whose brightness rises evenly with the value; "gray-print" falls, for paper."""


@dataclass(frozen=True)
class Look:
    """The choices of a picture.

    Args:
        colors: One of `COLORS`.
        decibels: Range below the peak that is shown, dB; None follows the noise floor. It counts
            where features are linear or a logarithm: others have no decibel.

    Raises:
        SonogramError: There is no such choice.
    """

    colors: str = "magma"
    decibels: float | None = None

    def __post_init__(self) -> None:
        if self.colors not in COLORS:
            raise SonogramError(f"no colors {self.colors!r}; choose one of {', '.join(COLORS)}")
        if self.decibels is not None and not (math.isfinite(self.decibels) and self.decibels > 0):
            raise SonogramError(f"the range must be above 0 dB; got {self.decibels}")

    @property
    def map_name(self) -> str:
        """The name of the color map in Matplotlib."""
        return "gray_r" if self.colors == "gray-print" else self.colors
