"""Spectrum: the real value that is computed from each complex bin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from sonogram.config import Stage, require

__all__ = ["Magnitude", "Power", "Spectrum"]


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
