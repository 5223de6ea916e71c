"""Scaling: the compression of magnitudes or power.

Source: Y. Wang et al., "Trainable frontend for robust and far-field keyword spotting", ICASSP 2017 (PCEN).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from sonogram.config import Config, choose, require

__all__ = ["Decibels", "Log", "Pcen", "Scaling"]


@dataclass(frozen=True, repr=False)
class Scaling(Config):
    """Base of the compressions: `per_frame` sees one frame at a time, `over_clip` the whole clip."""

    peak_dependent = False

    def unit(self, quantity: str) -> str:
        """Return the unit of the result for a spectrum of that `quantity`."""
        raise NotImplementedError

    def factor(self, db_factor: float) -> float:
        """Return what the natural logarithm is multiplied with, where 1 dB is 1 / `decibels` of log10."""
        raise NotImplementedError

    def per_frame(self, xp: Any, bands: Any, db_factor: float) -> Any:
        """Compress each value by itself."""
        return bands

    def over_clip(self, xp: Any, values: Any, mask: Any) -> Any:
        """Do what needs all the frames of a clip; `mask` is true at the valid ones."""
        return values


@dataclass(frozen=True, repr=False)
class Log(Scaling):
    """`multiplier * (log(max(x, floor) + offset) - log(reference))`, floored relative to the clip's peak."""

    base: Literal["e", 10] = "e"
    """Base of the logarithm."""
    floor: float | None = None
    """Least value before the logarithm, in the unit of its input."""
    offset: float | None = None
    """Added before the logarithm, in the unit of its input."""
    multiplier: float = 1
    """Factor on the logarithm."""
    reference: float | Literal["peak"] | None = None
    """Value that becomes 0, in the unit of the input; "peak" is the largest one of the clip."""
    dynamic_range: float | None = None
    """Nothing lies further than this below the clip's peak, in the unit of the result."""

    def validate(self) -> None:
        require(
            bool(self.floor) or bool(self.offset),
            f"{type(self).__name__} needs a floor or an offset above 0: the logarithm of silence is infinite",
        )
        for name in ("floor", "offset", "dynamic_range"):
            value = getattr(self, name)
            require(value is None or value > 0, f"{name} must be above 0, or None; got {value}")
        require(
            self.reference in (None, "peak") or (not isinstance(self.reference, str) and self.reference > 0),
            f'reference must be a number above 0, "peak" or None; got {self.reference!r}',
        )
        if type(self) is Log:
            choose("base", self.base, ("e", 10))
            require(self.multiplier != 0, "multiplier must not be 0")

    @property
    def peak_dependent(self) -> bool:  # type: ignore[override]
        """Whether a value depends on the clip's peak."""
        return self.reference == "peak" or self.dynamic_range is not None

    def unit(self, quantity: str) -> str:
        logarithm = "ln" if self.base == "e" else "log10"
        return (
            f"{logarithm} {quantity}" if self.multiplier == 1 else f"{self.multiplier} {logarithm} {quantity}"
        )

    def factor(self, db_factor: float) -> float:
        return self.multiplier / (math.log(10) if self.base == 10 else 1.0)

    def per_frame(self, xp: Any, bands: Any, db_factor: float) -> Any:
        if self.floor is not None:
            bands = xp.maximum(bands, self.floor)
        if self.offset is not None:
            bands = bands + self.offset
        values = xp.log(bands) * self.factor(db_factor)
        if isinstance(self.reference, (int, float)) and self.reference != 1:
            values = values - math.log(self.reference) * self.factor(db_factor)
        return values

    def over_clip(self, xp: Any, values: Any, mask: Any) -> Any:
        if not self.peak_dependent:
            return values
        return self.apply_floor(xp, values, xp.masked_max(values, mask, (-2, -1)))

    def apply_floor(self, xp: Any, values: Any, peak: Any) -> Any:
        """Return `values`, or some of them, of a clip whose largest value is `peak`."""
        if self.reference == "peak":
            values, peak = values - peak, peak - peak
        return values if self.dynamic_range is None else xp.maximum(values, peak - self.dynamic_range)


@dataclass(frozen=True, repr=False)
class Decibels(Log):
    """Decibels: 10 log10 of power, 20 log10 of magnitude; otherwise as `Log`."""

    base: Literal["e", 10] = 10
    floor: float | None = 1e-10

    def validate(self) -> None:
        super().validate()
        require(
            self.base == 10 and self.multiplier == 1,
            "a decibel has its base and factor; take Log for another base or multiplier",
        )

    def unit(self, quantity: str) -> str:
        return "dB"

    def factor(self, db_factor: float) -> float:
        return db_factor / math.log(10)


@dataclass(frozen=True, repr=False)
class Pcen(Scaling):
    """Per-channel energy normalization: `(x / (epsilon + m)^gain + bias)^power - bias^power`.

    m follows x: `m[t] = (1 - smoothing) m[t - 1] + smoothing x[t]`.
    """

    smoothing: float = 0.025
    """Weight of the newest frame, between 0 and 1."""
    gain: float = 0.98
    """Exponent of the smoothed energy: 0 leaves the level, 1 removes it."""
    bias: float = 2
    """Added before the root, taken off after it."""
    power: float = 0.5
    """Exponent of the compression, above 0."""
    epsilon: float = 1e-6
    """Keeps silence from being divided by 0."""
    initial: float | Literal["first"] = "first"
    """Smoothed energy before the first frame: a number, or the energy of the "first" frame."""

    def validate(self) -> None:
        require(0 < self.smoothing < 1, f"smoothing must lie between 0 and 1; got {self.smoothing}")
        require(self.epsilon > 0, f"epsilon must be above 0; got {self.epsilon}")
        require(self.power > 0, f"power must be above 0; got {self.power}")
        require(self.gain >= 0, f"gain must not be negative; got {self.gain}")
        require(self.bias >= 0, f"bias must not be negative; got {self.bias}")
        require(
            self.initial == "first" or (not isinstance(self.initial, str) and self.initial >= 0),
            f'initial must be "first" or an energy of at least 0; got {self.initial!r}',
        )

    def unit(self, quantity: str) -> str:
        return "PCEN"

    def factor(self, db_factor: float) -> float:
        return 1.0

    def over_clip(self, xp: Any, values: Any, mask: Any) -> Any:
        return self.compress(xp, values, xp.smooth(values, self.smoothing, self.initial))

    def compress(self, xp: Any, values: Any, smoothed: Any) -> Any:
        """Return the normalized `values`, given their smoothed energy."""
        level = values * xp.exp(-self.gain * xp.log(smoothed + self.epsilon))
        if not self.bias:
            # x^power has an infinite slope at 0; its logarithm is kept from silence.
            return xp.exp(self.power * xp.log(xp.maximum(level, 1e-30)))
        # bias^power * ((1 + level / bias)^power - 1), exact for levels far below the bias.
        return self.bias**self.power * xp.expm1(self.power * xp.log1p(level / self.bias))
