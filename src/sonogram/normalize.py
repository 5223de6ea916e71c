"""Normalization of the features of one example, never of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sonogram.config import Config, choose, require
from sonogram.matrix import Matrix

__all__ = ["Affine", "MinMax", "Normalize", "Standardize"]


@dataclass(frozen=True, repr=False)
class Normalize(Config):
    """Base of the normalizations."""

    clip_dependent = True

    def check_bands(self, num_bands: int) -> None:
        """Raise `DefinitionError` unless the constants are as many as the bands."""

    def apply(self, xp: Any, values: Any, mask: Any) -> Any:
        """Return `values`, `(..., frames, bands)`, normalized; statistics see what `mask` shows."""
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class Affine(Normalize):
    """`(x - mean) / std` with constants."""

    mean: float | Matrix = 0
    """Subtracted: a number, or one for each band."""
    std: float | Matrix = 1
    """Divided by: a number, or one for each band."""

    clip_dependent = False

    def validate(self) -> None:
        for name in ("mean", "std"):
            value = getattr(self, name)
            require(
                isinstance(value, (int, float)) or (isinstance(value, Matrix) and value.values.ndim == 1),
                f"{name} must be a number or a sonogram.Matrix with one number for each band; got {value!r}",
            )
        require(bool(np.all(np.asarray(self.std) != 0)), "std must not be 0")

    def check_bands(self, num_bands: int) -> None:
        for name in ("mean", "std"):
            value = getattr(self, name)
            require(
                not isinstance(value, Matrix) or value.shape == (num_bands,),
                f"{name} must be one number, or one for each of the {num_bands} bands; got {value!r}",
            )

    def apply(self, xp: Any, values: Any, mask: Any) -> Any:
        mean, deviation = np.asarray(self.mean, np.float64), np.asarray(self.std, np.float64)
        if not mean.ndim and not deviation.ndim:
            return (values - float(mean)) * float(1 / deviation)
        return (values - xp.constant(mean, values)) * xp.constant(1 / deviation, values)


@dataclass(frozen=True, repr=False)
class Standardize(Normalize):
    """Zero mean and unit deviation over an example or each of its bands."""

    per: Literal["clip", "band"] = "clip"
    """What has zero mean: the whole "clip", or each "band" of it."""
    ddof: int = 0
    """Taken off the count of values in the variance."""
    epsilon: float = 0
    """Added to the deviation or the variance."""
    epsilon_added_to: Literal["std", "variance"] = "std"
    """What epsilon is added to."""

    def validate(self) -> None:
        choose("per", self.per, ("clip", "band"))
        choose("epsilon_added_to", self.epsilon_added_to, ("std", "variance"))
        choose("ddof", self.ddof, (0, 1))
        require(self.epsilon >= 0, f"epsilon must not be negative; got {self.epsilon}")

    def apply(self, xp: Any, values: Any, mask: Any) -> Any:
        axes = (-2,) if self.per == "band" else (-2, -1)
        lowest, highest = xp.masked_min(values, mask, axes), xp.masked_max(values, mask, axes)
        constant = highest <= lowest
        centered = values - xp.masked_mean(values, mask, axes, 0)
        variance = xp.masked_mean(centered * centered, mask, axes, self.ddof)
        # Where a band never changes, rounding noise is all that is left to divide: 0 there.
        variance = xp.where(constant, xp.ones_like(variance), variance)
        if self.epsilon_added_to == "variance":
            variance = variance + self.epsilon
        deviation = xp.sqrt(variance)
        if self.epsilon_added_to == "std":
            deviation = deviation + self.epsilon
        normalized = centered / deviation
        return xp.where(constant, xp.zeros_like(normalized), normalized)


@dataclass(frozen=True, repr=False)
class MinMax(Normalize):
    """`(x - min) / (max - min + epsilon)` over an example."""

    epsilon: float = 1e-6
    """Keeps an example without contrast from being divided by 0."""

    def validate(self) -> None:
        require(self.epsilon > 0, f"epsilon must be above 0; got {self.epsilon}")

    def apply(self, xp: Any, values: Any, mask: Any) -> Any:
        lowest, highest = xp.masked_min(values, mask, (-2, -1)), xp.masked_max(values, mask, (-2, -1))
        return (values - lowest) / (highest - lowest + self.epsilon)
