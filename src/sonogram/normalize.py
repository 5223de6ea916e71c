"""Normalization of the features of one clip, never of a batch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sonogram.config import Stage, require
from sonogram.matrix import Matrix
from sonogram.tolerance import Tolerance

__all__ = ["Affine", "MinMax", "Normalize", "RemoveMean", "Standardize", "UnitPeak"]


@dataclass(frozen=True, repr=False)
class Normalize(Stage, abstract=True):
    """Base of the normalizations."""

    clip_dependent = True

    def check_bands(self, num_bands: int) -> None:
        """Raise `DefinitionError` unless there is one constant, or one for each band."""

    def apply(self, xp: Any, values: Any, mask: Any, tolerance: Tolerance) -> Any:
        """Return normalized `values`.

        Args:
            xp: Array namespace.
            values: `(..., frames, bands)`.
            mask: True at frames that count, `(..., frames, 1)`; None is all.
            tolerance: Largest difference of values that count as equal.
        """
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class Affine(Normalize):
    """`(x - mean) / std` with constants: a normalization that can be streamed and keeps the level.

    Args:
        mean: Subtracted: a number, or a `Matrix` with one for each band, usually the mean
            of the features over the training data.
        std: Divisor, not 0: a number, or a `Matrix` with one for each band.
        minimum: Least result; smaller ones are raised to it. None is no limit.
        maximum: Largest result; larger ones are lowered to it. None is no limit.

    Example:
        >>> frontend = sg.Frontend(16000, 400, 160, normalize=sg.normalize.Affine(mean=2, std=0.5))
        >>> float(frontend(np.zeros(400)).max())
        -4.0

    See Also:
        Standardize: statistics of each clip.
    """

    mean: float | Matrix = 0
    std: float | Matrix = 1
    minimum: float | None = None
    maximum: float | None = None

    clip_dependent = False

    def validate(self) -> None:
        for name in ("mean", "std"):
            value = getattr(self, name)
            require(
                isinstance(value, (int, float)) or (isinstance(value, Matrix) and value.values.ndim == 1),
                f"{name} must be a number or a sonogram.Matrix with one number for each band; got {value!r}",
            )
        require(bool(np.all(np.asarray(self.std) != 0)), "std must not be 0")
        require(
            self.minimum is None or self.maximum is None or self.minimum < self.maximum,
            f"minimum must be below maximum; got {self.minimum} and {self.maximum}",
        )

    def check_bands(self, num_bands: int) -> None:
        for name in ("mean", "std"):
            value = getattr(self, name)
            require(
                not isinstance(value, Matrix) or value.shape == (num_bands,),
                f"{name} must be one number, or one for each of the {num_bands} bands; got {value!r}",
            )

    def apply(self, xp: Any, values: Any, mask: Any, tolerance: Tolerance) -> Any:
        mean, deviation = np.asarray(self.mean, np.float64), np.asarray(self.std, np.float64)
        if not mean.ndim and not deviation.ndim:
            values = (values - float(mean)) * float(1 / deviation)
        else:
            values = (values - xp.constant(mean, values)) * xp.constant(1 / deviation, values)
        if self.minimum is not None:
            values = xp.maximum(values, self.minimum)
        return values if self.maximum is None else xp.minimum(values, self.maximum)


@dataclass(frozen=True, repr=False)
class Standardize(Normalize):
    """Mean 0 and standard deviation 1 over each clip; what is constant becomes 0.

    Constant are values that differ no more than float32 rounds: 1e-4 of their size, or 1e-4 in natural
    logarithms, which is less than a thousandth of a decibel. A clip with an infinite value becomes NaN.

    Args:
        per: Values that share a mean and a standard deviation. "clip": all of a clip, which removes its
            level; "band": those of each band, which also removes the response of the microphone.
        ddof: Subtracted from the number of values in the variance: 0 (NumPy) or 1 (PyTorch).
        epsilon: Added to the divisor, at least 0, to keep clips with little contrast small.
        epsilon_added_to: Whether epsilon is added to the "std" or, before the root, to the "variance".

    Example:
        >>> rule = sg.normalize.Standardize(per="band")
        >>> features = sg.Frontend(16000, 400, 160, normalize=rule)(np.sin(np.arange(8000.0) ** 1.5))
        >>> bool(abs(features.mean(axis=0)).max() < 1e-5)
        True

    See Also:
        Affine: constants of a data set, which can be streamed.
    """

    per: Literal["clip", "band"] = "clip"
    ddof: Literal[0, 1] = 0
    epsilon: float = 0
    epsilon_added_to: Literal["std", "variance"] = "std"

    def validate(self) -> None:
        require(self.epsilon >= 0, f"epsilon must not be negative; got {self.epsilon}")

    def apply(self, xp: Any, values: Any, mask: Any, tolerance: Tolerance) -> Any:
        axes = _axes(self.per)
        lowest, highest = xp.masked_min(values, mask, axes), xp.masked_max(values, mask, axes)
        constant = tolerance.is_constant(xp, lowest, highest)
        centered = values - xp.masked_mean(values, mask, axes, 0)
        variance = xp.masked_mean(centered * centered, mask, axes, self.ddof)
        # In a constant band only rounding noise remains, and dividing it by its own deviation would make
        # it as loud as a signal: 0 there.
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
    """`(x - min) / (max - min + epsilon)` over each clip: values from 0 to 1; what is constant becomes 0.

    A clip with an infinite value becomes NaN.

    Args:
        epsilon: Added to the divisor, above 0, to keep clips with little contrast small.
    """

    epsilon: float = 1e-6

    def validate(self) -> None:
        require(self.epsilon > 0, f"epsilon must be above 0; got {self.epsilon}")

    def apply(self, xp: Any, values: Any, mask: Any, tolerance: Tolerance) -> Any:
        lowest, highest = xp.masked_min(values, mask, (-2, -1)), xp.masked_max(values, mask, (-2, -1))
        span = highest - lowest
        normalized = (values - lowest) / (span + self.epsilon)
        zeros = xp.zeros_like(normalized)
        # A finite value divided by an infinite span would be 0, as if the clip were silent.
        normalized = xp.where(span < math.inf, normalized, zeros + math.nan)
        return xp.where(tolerance.is_constant(xp, lowest, highest), zeros, normalized)


@dataclass(frozen=True, repr=False)
class RemoveMean(Normalize):
    """`x - mean` over each clip, without a division: cepstral mean normalization. What is constant becomes 0.

    Of logarithms it removes a constant gain, per band also the response of the microphone, and keeps the
    contrast.

    Args:
        per: Values that share a mean: all of a "clip", or those of each "band".

    Example:
        >>> rule = sg.normalize.RemoveMean()
        >>> features = sg.Frontend(16000, 400, 160, normalize=rule)(np.sin(np.arange(8000.0) ** 1.5))
        >>> bool(abs(features.mean(axis=0)).max() < 1e-5)
        True

    See Also:
        Standardize: also divides by the standard deviation.
    """

    per: Literal["clip", "band"] = "band"

    def apply(self, xp: Any, values: Any, mask: Any, tolerance: Tolerance) -> Any:
        axes = _axes(self.per)
        lowest, highest = xp.masked_min(values, mask, axes), xp.masked_max(values, mask, axes)
        centered = values - xp.masked_mean(values, mask, axes, 0)
        return xp.where(tolerance.is_constant(xp, lowest, highest), xp.zeros_like(centered), centered)


@dataclass(frozen=True, repr=False)
class UnitPeak(Normalize):
    """Each frame divided by its largest absolute value; a frame of zeros stays 0. It can be streamed.

    It removes the level of every frame, so that a chroma shows which notes sound, not how loud.

    Example:
        >>> chroma = sg.Frontend(22050, 2048, 512, bands=sg.bands.Chroma(), normalize=sg.normalize.UnitPeak())
        >>> float(chroma(np.sin(np.arange(4096.0))).max())
        1.0
    """

    clip_dependent = False

    def apply(self, xp: Any, values: Any, mask: Any, tolerance: Tolerance) -> Any:
        peak = xp.amax(xp.maximum(values, -values), (-1,))
        return values / xp.where(peak <= tolerance.absolute, xp.ones_like(peak), peak)


def _axes(per: Literal["clip", "band"]) -> tuple[int, ...]:
    """Return the axes of the values that share their statistics."""
    return (-2,) if per == "band" else (-2, -1)
