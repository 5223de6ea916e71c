"""What the rules look at, and what they return."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sonogram.definition import Definition
from sonogram.engines import run
from sonogram.engines.plan import Plan, plan

__all__ = ["SEVERITIES", "Case", "Finding", "Published"]

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


class Published(Protocol):
    """Facts about a published definition that the rules use; `Preset` provides them."""

    @property
    def name(self) -> str:
        """Name of the preset."""

    @property
    def models(self) -> str:
        """Models that were trained with these features."""

    @property
    def notes(self) -> str:
        """Steps of the original that are not part of the definition."""

    @property
    def clip_seconds(self) -> float | None:
        """Length of the clips that the models need, seconds; None for any length."""


class Finding(NamedTuple):
    """A likely mistake, or something worth knowing."""

    code: str
    """Name that is the same in every release."""
    severity: Severity
    """ "error": no useful features; "warning": probably unintended; "note": good to know."""
    message: str
    """What was found, with figures."""
    remedy: str
    """What to change."""


@dataclass(frozen=True)
class Case:
    """A definition with what is known about the clips it will process."""

    definition: Definition
    sample_rate: float | None
    """Sample rate of the recordings, hertz; None if it is that of the definition."""
    duration: float | None
    """Length of one clip, seconds; None if it is not known."""
    published: Published | None = None
    """Preset whose definition this is; None if the caller names none."""

    @cached_property
    def plan(self) -> Plan:
        """The definition lowered to constants."""
        return plan(self.definition)

    @cached_property
    def num_samples(self) -> int | None:
        """Samples of one clip at the definition's sample rate."""
        return None if self.duration is None else round(self.duration * self.definition.sample_rate)

    def noise_features(self, level: float, **changes: object) -> NDArray[np.float32]:
        """Return the features of white noise with this standard deviation, after `changes` of fields."""
        num_samples = self.plan.span + 8 * self.definition.frame_step + 1
        generator = np.random.Generator(np.random.PCG64(0))
        noise = (level * generator.standard_normal(num_samples)).astype(np.float32)
        features: NDArray[np.float32] = run(dataclasses.replace(self.definition, **changes), noise, "numpy")  # type: ignore[arg-type]
        return features
