"""The spectrum of a frame: what is kept of its complex bins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sonogram.config import Config, require
from sonogram.errors import DefinitionError

__all__ = ["Magnitude", "Power", "Spectrum"]


@dataclass(frozen=True, repr=False)
class Spectrum(Config):
    """Base of the spectra. One that belongs to a definition is also a function: samples to complex bins."""

    transform: Callable[[Any], Any] | None = field(default=None, init=False, compare=False, repr=False)
    """Samples to complex bins, where the spectrum was taken from a definition."""

    def bound(self, transform: Callable[[Any], Any]) -> Spectrum:
        """Return an equal spectrum that can be called."""
        spectrum = replace(self)
        object.__setattr__(spectrum, "transform", transform)
        return spectrum

    def __call__(self, samples: Any) -> Any:
        """Compute the complex spectrum.

        Args:
            samples: `(..., samples)`.

        Returns:
            complex64, `(..., frames, bins)`.
        """
        if self.transform is None:
            raise DefinitionError("only the spectrum of a Frontend can be called: frontend.spectrum(samples)")
        return self.transform(samples)

    @property
    def unit(self) -> str:
        """What a bin holds."""
        raise NotImplementedError

    @property
    def db_factor(self) -> float:
        """The factor of log10 that gives decibels."""
        raise NotImplementedError

    def detect(self, xp: Any, real: Any, imaginary: Any) -> Any:
        """Return the real bins, `(..., frames, bins)`, of a complex spectrum given by its parts."""
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class Magnitude(Spectrum):
    """`sqrt(re^2 + im^2 + epsilon)`, or `sqrt(max(re^2 + im^2, floor))`."""

    epsilon: float = 0
    """Added under the root."""
    floor: float = 0
    """Least value under the root."""

    unit = "magnitude"
    db_factor = 20.0

    def validate(self) -> None:
        require(
            self.epsilon >= 0, f"epsilon stands under a root and must not be negative; got {self.epsilon}"
        )
        require(self.floor >= 0, f"floor stands under a root and must not be negative; got {self.floor}")

    def detect(self, xp: Any, real: Any, imaginary: Any) -> Any:
        power = real * real + imaginary * imaginary
        if self.floor:
            power = xp.maximum(power, self.floor)
        if self.epsilon:
            power = power + self.epsilon
        return xp.sqrt(power) if self.epsilon or self.floor else xp.safe_sqrt(power)


@dataclass(frozen=True, repr=False)
class Power(Spectrum):
    """`re^2 + im^2`."""

    unit = "power"
    db_factor = 10.0

    def detect(self, xp: Any, real: Any, imaginary: Any) -> Any:
        return real * real + imaginary * imaginary
