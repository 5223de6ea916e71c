"""Scaling: the compression of magnitude or power, such as a logarithm.

Source: Y. Wang et al., "Trainable frontend for robust and far-field keyword spotting", ICASSP 2017 (PCEN).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from sonogram.config import Stage, require, require_least
from sonogram.tolerance import LOGARITHM, Tolerance, linear

__all__ = ["Decibels", "Log", "MaskedLog", "Pcen", "Scaling"]


@dataclass(frozen=True, repr=False)
class Scaling(Stage, abstract=True):
    """Base of the compressions: `per_frame` computes frames alone, `over_clip` whole clips."""

    peak_dependent = False

    def unit(self, quantity: str) -> str:
        """Return the unit of the result for a spectrum of that `quantity`."""
        raise NotImplementedError

    def factor(self, db_factor: float) -> float:
        """Return the factor from natural logarithm to output unit; see `Spectrum.db_factor`."""
        raise NotImplementedError

    def per_frame(self, xp: Any, bands: Any, db_factor: float) -> Any:
        """Return each value compressed by itself."""
        return bands

    def across_bands(self, xp: Any, values: Any) -> Any:
        """Return values after what depends on other bands of the frame; it follows `over_clip`."""
        return values

    def over_clip(self, xp: Any, values: Any, mask: Any) -> Any:
        """Return values after what depends on all frames of a clip; `mask` is true at the valid ones."""
        return values

    def decibels_per_unit(self, db_factor: float) -> float | None:
        """Return the decibels in one unit of the result; None where it is no logarithm."""
        return None

    def tolerance(self, db_factor: float) -> Tolerance:
        """Return the difference of results that rounding alone can cause."""
        return linear(db_factor)


@dataclass(frozen=True, repr=False)
class Log(Scaling):
    """`multiplier * (log(max(x, floor) + offset) - log(reference))`.

    One of `floor`, `offset` and `zero` must be given: the logarithm of silence is infinite. Choose it near
    the noise of the quietest recordings, so that digital silence does not stand out more than any sound.

    Args:
        base: Base of the logarithm, "e" or 10.
        floor: Least value before the logarithm, in the unit of the input, above 0. Values below it
            become equal.
        offset: Added before the logarithm, in the unit of the input, above 0: a soft floor.
        multiplier: Factor on the logarithm, not 0.
        reference: Value of the input that becomes 0: a number, "peak" for the largest value of the
            clip, or None for 1. "peak" removes the level of the clip and prevents streaming.
        dynamic_range: Values more than this below the clip's peak are raised to that limit, in the unit
            of the result (librosa: `top_db`); None is no limit. It prevents streaming.
        zero: Value that stands for an exact 0, in the unit of the input, above 0. Values between 0 and this
            one stay, so quiet sounds can be below silence: take it only to reproduce features made so.

    Example:
        >>> frontend = sg.Frontend(16000, 400, 160, scaling=sg.scaling.Log(floor=1e-5))
        >>> frontend(np.zeros(400))[0, :2].round(3)
        array([-11.513, -11.513], dtype=float32)

    See Also:
        Decibels: the logarithm in dB.
    """

    base: Literal["e", 10] = "e"
    floor: float | None = None
    offset: float | None = None
    multiplier: float = 1
    reference: float | Literal["peak"] | None = None
    dynamic_range: float | None = None
    zero: float | None = None

    def validate(self) -> None:
        require(
            bool(self.floor) or bool(self.offset) or bool(self.zero),
            f"{type(self).__name__} needs a floor or an offset above 0: the logarithm of silence is infinite",
        )
        for name in ("floor", "offset", "zero", "dynamic_range"):
            require_least(name, getattr(self, name))
        require(
            self.reference in (None, "peak") or (not isinstance(self.reference, str) and self.reference > 0),
            f'reference must be a number above 0, "peak" or None; got {self.reference!r}',
        )
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

    def decibels_per_unit(self, db_factor: float) -> float:
        return db_factor / self.factor(db_factor) / math.log(10)

    def tolerance(self, db_factor: float) -> Tolerance:
        return LOGARITHM.scale(self.factor(db_factor))

    def per_frame(self, xp: Any, bands: Any, db_factor: float) -> Any:
        if self.zero is not None:
            bands = xp.where(bands == 0, xp.zeros_like(bands) + self.zero, bands)
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
        """Return values of a clip, or some of them, given its `peak`: the reference and the range applied."""
        if self.reference == "peak":
            values, peak = values - peak, peak - peak
        return values if self.dynamic_range is None else xp.maximum(values, peak - self.dynamic_range)


@dataclass(frozen=True, repr=False)
class Decibels(Log):
    """Decibels: 10 log10 of power, 20 log10 of magnitude; otherwise as `Log`.

    Example:
        >>> frontend = sg.Frontend(16000, 400, 160, scaling=sg.scaling.Decibels(dynamic_range=80))
        >>> frontend.unit
        'dB'
    """

    base: Literal["e", 10] = 10
    floor: float | None = 1e-10

    def validate(self) -> None:
        super().validate()
        require(
            self.base == 10 and self.multiplier == 1,
            "Decibels must have base 10 and multiplier 1; use Log for another base or multiplier",
        )

    def unit(self, quantity: str) -> str:
        return "dB"

    def factor(self, db_factor: float) -> float:
        return db_factor / math.log(10)

    def decibels_per_unit(self, db_factor: float) -> float:
        return 1.0


@dataclass(frozen=True, repr=False)
class MaskedLog(Log):
    """A logarithm in which lower bands mask higher ones: values far below them are raised to a floor.

    A band is at least the band below it minus `slope`, and at least the largest of all lower bands minus
    `depth`: a loud sound masks faint ones at higher frequencies. It can be streamed. Source: J.-M. Valin, "A
    hybrid DSP/deep learning approach to real-time full-band speech enhancement", MMSP 2018 (RNNoise).

    Args:
        slope: Fall of the floor from one band to the next, at least 0, in the unit of the result.
        depth: Distance of the floor from the largest lower band, at least 0, in the unit of the result.
        start: Value below the first band, in the unit of the result.

    Example:
        >>> scaling = sg.scaling.MaskedLog(base=10, offset=0.01)
        >>> frontend = sg.Frontend(16000, 400, 160, scaling=scaling)
        >>> frontend(np.zeros(400))[0, :2].round(3)  # silence is log10(0.01)
        array([-2., -2.], dtype=float32)

    See Also:
        Log: values by themselves.
    """

    slope: float = 1.5
    depth: float = 7
    start: float = -2

    def validate(self) -> None:
        super().validate()
        for name in ("slope", "depth"):
            value = getattr(self, name)
            require(value >= 0, f"{name} must not be negative; got {value}")

    def across_bands(self, xp: Any, values: Any) -> Any:
        # Column 0 is `start`. Both floors are running maxima over the bands; one of them falls by the slope.
        # The reach of a maximum doubles with each step, which takes the place of a loop over the bands.
        first = xp.zeros_like(xp.crop(values, 0, 1, -1)) + self.start
        falling = peak = xp.concatenate([first, values], -1)
        columns = xp.size(falling, -1)
        reach = 1
        while reach < columns:
            none = xp.zeros_like(xp.crop(falling, 0, reach, -1)) - 3e38
            kept = columns - reach
            shifted = xp.concatenate([none, xp.crop(falling, 0, kept, -1) - self.slope * reach], -1)
            falling = xp.maximum(falling, shifted)
            peak = xp.maximum(peak, xp.concatenate([none, xp.crop(peak, 0, kept, -1)], -1))
            reach *= 2
        floored = xp.maximum(falling, peak - self.depth)
        return xp.crop(floored, 1, columns - 1, -1)


@dataclass(frozen=True, repr=False)
class Pcen(Scaling):
    """Per-channel energy normalization: `(x / (epsilon + m)^gain + bias)^power - bias^power`.

    m is the smoothed energy of the band, `m[t] = (1 - smoothing) m[t - 1] + smoothing x[t]`. Constant
    background noise is suppressed and sudden sounds stand out: for distant microphones and field
    recordings. It can be streamed.

    Args:
        smoothing: Weight of the newest frame, between 0 and 1. The time constant is
            `frame_period / smoothing`: at a period of 10 ms, 0.025 gives 0.4 s.
        gain: Exponent of the smoothed energy, at least 0: 0 leaves the level, 1 removes it.
        bias: Added before the exponent and subtracted after it, at least 0; larger values suppress
            faint noise.
        power: Exponent of the compression, above 0; 0.5 is a square root.
        epsilon: Added to the smoothed energy, above 0, against division by 0.
        initial: Smoothed energy before the first frame: a number of at least 0, or "first" for the
            energy of the first frame.

    Example:
        >>> mel = sg.bands.Mel(40)
        >>> frontend = sg.Frontend(16000, 400, 160, bands=mel, scaling=sg.scaling.Pcen())
        >>> frontend.streamable
        True
    """

    smoothing: float = 0.025
    gain: float = 0.98
    bias: float = 2
    power: float = 0.5
    epsilon: float = 1e-6
    initial: float | Literal["first"] = "first"

    def validate(self) -> None:
        require(0 < self.smoothing < 1, f"smoothing must be between 0 and 1; got {self.smoothing}")
        require_least("epsilon", self.epsilon)
        require(self.power > 0, f"power must be above 0; got {self.power}")
        require(self.gain >= 0, f"gain must not be negative; got {self.gain}")
        require(self.bias >= 0, f"bias must not be negative; got {self.bias}")
        require_least("bias", self.bias or None, 1e-20)
        require(
            -self.gain * math.log(self.epsilon) <= math.log(1e30),
            f"epsilon ** -gain, the factor on silence, must be at most 1e30; got epsilon={self.epsilon} and "
            f"gain={self.gain}. Raise epsilon or lower gain",
        )
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
        """Return the compressed `values`, given their smoothed energy."""
        level = values * xp.exp(-self.gain * xp.log(smoothed + self.epsilon))
        if not self.bias:
            # x^power has an infinite slope at 0: a floor keeps the gradient finite.
            return xp.exp(self.power * xp.log(xp.maximum(level, 1e-30)))
        # As bias^power * ((1 + level / bias)^power - 1), because a difference of two nearly equal powers
        # would lose all digits of a level far below the bias.
        return self.bias**self.power * xp.expm1(self.power * xp.log1p(level / self.bias))
