"""Normalization of the features of one clip, never of a batch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from sonogram.config import LEAST, Stage, require, require_least
from sonogram.matrix import Matrix
from sonogram.tolerance import Tolerance

__all__ = [
    "Affine",
    "MinMax",
    "Normalize",
    "RemoveMean",
    "RunningMean",
    "SlidingMean",
    "Standardize",
    "UnitPeak",
]


@dataclass(frozen=True, repr=False)
class Normalize(Stage, abstract=True):
    """Base of the normalizations."""

    clip_dependent = True
    lookback: ClassVar[int | None] = 0
    """Earlier frames that a frame depends on; None is all of them. Without a meaning for whole clips."""

    def num_complete(self, num_frames: int) -> int:
        """Return how many rows do not depend on frames after the first `num_frames`."""
        return num_frames

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
        step: Distance of the values to which results are rounded, such as 1/256 for features of 8 bits; None
            rounds nothing. The gradient is that without rounding.

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
    step: float | None = None

    clip_dependent = False

    def validate(self) -> None:
        for name in ("mean", "std"):
            value = getattr(self, name)
            require(
                _is_number(value) or (isinstance(value, Matrix) and value.values.ndim == 1),
                f"{name} must be a number or a sonogram.Matrix with one number for each band; got {value!r}",
            )
        far = bool(np.all(np.abs(np.asarray(self.std)) >= LEAST))
        require(far, f"std must not be 0, nor within {LEAST:g} of it")
        require(
            self.minimum is None or self.maximum is None or self.minimum < self.maximum,
            f"minimum must be below maximum; got {self.minimum} and {self.maximum}",
        )
        require_least("step", self.step, 1e-20)

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
        if self.maximum is not None:
            values = xp.minimum(values, self.maximum)
        if self.step is not None:
            rounded = xp.floor(values * (1 / self.step) + 0.5) * self.step
            values = values + xp.stop_gradient(rounded - values)
        return values


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
        require_least("epsilon", self.epsilon)

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
class RunningMean(Normalize):
    """`(x - m) / std` with the exponential mean of each band; it can be streamed.

    `m[t] = (1 - smoothing) m[t - 1] + smoothing x[t]` follows the level of a recording.

    Args:
        smoothing: Weight of the newest frame, between 0 and 1. The time constant is
            `frame_period / smoothing`.
        initial: Mean before the first frame: a number, a `Matrix` with one for each band, or "first" for the
            first frame.
        std: Divisor, not 0.

    Example:
        >>> rule = sg.normalize.RunningMean(initial="first")
        >>> features = sg.Frontend(16000, 400, 160, normalize=rule)(np.ones(800))
        >>> bool(abs(features).max() < 1e-3)
        True

    See Also:
        SlidingMean: the mean of a fixed number of frames. Pcen: the same idea for energies.
    """

    smoothing: float = 0.01
    initial: float | Matrix | Literal["first"] = 0
    std: float = 1

    clip_dependent = False
    lookback = None

    def validate(self) -> None:
        require(0 < self.smoothing < 1, f"smoothing must be between 0 and 1; got {self.smoothing}")
        require(self.std != 0, "std must not be 0")
        require(
            self.initial == "first"
            or _is_number(self.initial)
            or (isinstance(self.initial, Matrix) and self.initial.values.ndim == 1),
            'initial must be a number, a sonogram.Matrix with one for each band, or "first"; '
            f"got {self.initial!r}",
        )

    def check_bands(self, num_bands: int) -> None:
        require(
            not isinstance(self.initial, Matrix) or self.initial.shape == (num_bands,),
            f"initial must be one number, or one for each of the {num_bands} bands; got {self.initial!r}",
        )

    def means(self, xp: Any, values: Any, initial: Any = None) -> Any:
        """Return the mean at each frame; `initial` replaces that before the first one."""
        initial = self.initial if initial is None else initial
        if isinstance(initial, Matrix):
            initial = xp.cast(xp.constant(initial.values, values), values)
        return xp.smooth(values, self.smoothing, initial)

    def subtract(self, values: Any, means: Any) -> Any:
        """Return normalized values, given the mean at each frame."""
        return (values - means) * (1 / self.std)

    def apply(self, xp: Any, values: Any, mask: Any, tolerance: Tolerance) -> Any:
        return self.subtract(values, self.means(xp, values))


@dataclass(frozen=True, repr=False)
class SlidingMean(Normalize):
    """`x - mean`, the mean of each band over the last frames: Kaldi's sliding cepstral mean.

    It can be streamed. A stream returns its first rows when the frames of `minimum` have arrived.

    Args:
        before: Earlier frames in the mean, at least 0, next to the present one. Three seconds are usual for
            speakers. At the start of a clip there are fewer.
        minimum: Least number of frames in a mean, at most `before + 1`: the first rows take the mean of this
            many frames from the start, those after the row included.

    Example:
        >>> rule = sg.normalize.SlidingMean(before=1, minimum=1)
        >>> frontend = sg.Frontend(4, 4, 4, spectrum=sg.spectrum.Power(), normalize=rule)
        >>> frontend(np.repeat([0.0, 1.0, 1.0], 4))[:, 0]  # a power of 4 after silence
        array([0., 2., 0.], dtype=float32)

    See Also:
        RemoveMean: the mean of the whole clip. RunningMean: older frames count less.
    """

    before: int = 300
    minimum: int = 100

    clip_dependent = False

    def validate(self) -> None:
        for name in ("before", "minimum"):
            value = getattr(self, name)
            require(
                isinstance(value, int) and value >= 0,
                f"{name} must be a whole number of frames; got {value}",
            )
        require(
            1 <= self.minimum <= self.before + 1,
            f"minimum must be from 1 to before + 1 frames ({self.before + 1}); got {self.minimum}",
        )

    @property
    def lookback(self) -> int:  # type: ignore[override]
        """Earlier frames that a frame depends on."""
        return self.before

    def num_complete(self, num_frames: int) -> int:
        return num_frames if num_frames >= self.minimum else 0

    def apply(self, xp: Any, values: Any, mask: Any, tolerance: Tolerance) -> Any:
        zeros = xp.zeros_like(values)
        valid = values if mask is None else xp.where(mask, values, zeros)
        sums = _sums(xp, valid, self.before + 1)
        one = xp.zeros_like(xp.crop(values, 0, 1, -1)) + 1.0
        total = xp.asum(one if mask is None else xp.where(mask, one, one - 1.0), (-2,))
        least = xp.minimum(total, float(self.minimum))
        index = xp.floats(xp.expand(xp.arange(0, xp.size(values, -2), values), -1))
        # The rows before that of `least` have its sum.
        start = xp.asum(xp.where(index == least - 1.0, sums, zeros), (-2,))
        sums = xp.where(index < least - 1.0, start + zeros, sums)
        count = xp.minimum(xp.maximum(index + 1.0, least), float(self.before + 1))
        return values - sums / count


def _sums(xp: Any, values: Any, size: int) -> Any:
    """Return the sum of the last `size` frames at each frame.

    Sums of 1, 2, 4, 8 ... frames are each the sum of two shorter ones; those of the binary digits of `size`
    add up to the result. The order of additions does not depend on the clip.
    """
    frames = xp.size(values, -2)

    def delay(x: Any, count: int) -> Any:
        return xp.crop(xp.pad(x, count, 0, -2), 0, frames, -2)

    total, done, length = None, 0, 1
    while done < size:
        if size & length:
            part = delay(values, done)
            total, done = (part if total is None else total + part), done + length
        if done < size:
            values = values + delay(values, length)
            length *= 2
    return total


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


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
