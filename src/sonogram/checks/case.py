"""What is looked at, and what is found."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sonogram.engines.plan import Plan, plan
from sonogram.frontend import Frontend
from sonogram.presets import Preset, describe, preset_names

__all__ = ["SEVERITIES", "Case", "Finding", "count"]

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or worth knowing."""

    code: str
    """Its name, the same in every release."""
    severity: Severity
    """ "error": no useful features; "warning": hardly meant; "note": good to know."""
    message: str
    """What is, with figures."""
    remedy: str
    """What mends it."""


@dataclass(frozen=True)
class Case:
    """A definition with what is known about the clips it will read."""

    frontend: Frontend
    sample_rate: float | None
    """Of the recordings, hertz; None where it is that of the definition."""
    duration: float | None
    """Of one clip, seconds; None where it is not known."""

    @cached_property
    def plan(self) -> Plan:
        """The definition as integers and constants."""
        return plan(self.frontend)

    @cached_property
    def linear(self) -> Frontend:
        """The definition up to its bands, before any compression."""
        return dataclasses.replace(self.frontend, scaling=None, cepstrum=None, normalize=None, stack=None)

    @cached_property
    def preset(self) -> Preset | None:
        """The preset that the definition is, if it is one."""
        for name in preset_names():
            if describe(name).frontend == self.frontend:
                return describe(name)
        return None

    @cached_property
    def num_samples(self) -> int | None:
        """Samples of one clip at the definition's rate."""
        return None if self.duration is None else round(self.duration * self.frontend.sample_rate)

    @cached_property
    def frames_per_second(self) -> float:
        """Frames of features in a second of a long clip."""
        size = self.frontend.stack.size if self.frontend.stack else 1
        return self.frontend.sample_rate / self.frontend.frame_step / size

    def noise(self, level: float) -> NDArray[np.float32]:
        """Return white noise of that standard deviation, long enough for a few frames."""
        num_samples = self.plan.span + 8 * self.frontend.frame_step + 1
        generator = np.random.Generator(np.random.PCG64(0))
        return (level * generator.standard_normal(num_samples)).astype(np.float32)


def count(number: int, one: str, many: str | None = None) -> str:
    """Return "1 band" or "3 bands"."""
    return f"{number} {one if number == 1 else many or one + 's'}"
