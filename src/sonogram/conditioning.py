"""Conditioning: what happens to the samples before the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sonogram.config import Config, choose, require

__all__ = ["Conditioning", "Preemphasis"]


@dataclass(frozen=True, repr=False)
class Preemphasis(Config):
    """The high-pass `y[n] = x[n] - coefficient * x[n - 1]`."""

    coefficient: float = 0.97
    """Weight of the sample before."""
    scope: Literal["frame", "clip"] = "frame"
    """What the first sample belongs to: each "frame", or the whole "clip"."""
    boundary: Literal["repeat", "zero", "drop"] = "repeat"
    """Before the first sample stands itself ("repeat") or 0 ("zero"), or it gives no output ("drop")."""

    def validate(self) -> None:
        choose("scope", self.scope, ("frame", "clip"))
        choose("boundary", self.boundary, ("repeat", "zero", "drop"))
        require(
            self.scope == "clip" or self.boundary != "drop",
            'boundary="drop" shortens the clip by one sample, so it needs scope="clip"',
        )


@dataclass(frozen=True, repr=False)
class Conditioning(Config):
    """Scale, remove the mean, emphasize high frequencies: in this order."""

    scale: float = 1
    """Factor on the samples; 32768 for originals that read 16-bit integers."""
    remove_mean: Literal["clip", "frame"] | None = None
    """Subtract the mean of the "clip" or of each "frame"."""
    preemphasis: Preemphasis | None = None
    """First-order high-pass."""

    def validate(self) -> None:
        choose("remove_mean", self.remove_mean, (None, "clip", "frame"))
        require(self.scale != 0, "scale must not be 0: every feature would be that of silence")
        require(
            not (self.remove_mean == "frame" and self.clip_preemphasis),
            'remove_mean="frame" comes before a preemphasis, which then needs scope="frame"',
        )

    @property
    def clip_preemphasis(self) -> Preemphasis | None:
        """The preemphasis that runs over the whole clip, if there is one."""
        return self.preemphasis if self.preemphasis and self.preemphasis.scope == "clip" else None

    @property
    def frame_preemphasis(self) -> Preemphasis | None:
        """The preemphasis that starts anew in each frame, if there is one."""
        return self.preemphasis if self.preemphasis and self.preemphasis.scope == "frame" else None

    @property
    def dropped(self) -> int:
        """Samples by which the clip becomes shorter."""
        return int(self.clip_preemphasis is not None and self.clip_preemphasis.boundary == "drop")
