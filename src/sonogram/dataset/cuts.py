"""How a clip becomes an example: of one length, whole, ragged, or many windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from sonogram.config import Config, require

__all__ = ["Cut", "Fixed", "Ragged", "Whole", "Windows"]


@dataclass(frozen=True, repr=False)
class Fixed(Config):
    """Every clip at one length: a longer one is cropped, a shorter one padded with silence.

    Args:
        seconds: The length.
        crop: Which part of a longer clip.
        pad: Where a shorter clip lies.

    Raises:
        DefinitionError: A value cannot be meant.
    """

    seconds: float
    """The length of every example."""
    crop: Literal["start", "center", "random"] = "center"
    """Which part is kept of a longer clip; "random" is another one in each epoch."""
    pad: Literal["end", "both"] = "end"
    """Where silence is added to a shorter clip."""

    def validate(self) -> None:
        _check_seconds("seconds", self.seconds)


@dataclass(frozen=True, repr=False)
class Whole(Config):
    """Every clip at its own length, in batches of clips about as long, padded to the longest.

    Args:
        ratio: The longest clip of a batch over the shortest, at most; None makes batches in order.

    Raises:
        DefinitionError: A value cannot be meant.
    """

    ratio: float | None = 1.5
    """How many times as long as its shortest clip the longest clip of a batch may be; None: any."""

    def validate(self) -> None:
        require(
            self.ratio is None or (isinstance(self.ratio, (int, float)) and self.ratio > 1),
            f"ratio must be above 1, or None for batches of any lengths; got {self.ratio!r}",
        )


@dataclass(frozen=True, repr=False)
class Ragged(Config):
    """Every clip at its own length, in ragged tensors."""


@dataclass(frozen=True, repr=False)
class Windows(Config):
    """Long recordings as many examples of one length, each with the label of its recording.

    Args:
        seconds: The length of a window.
        step: From the start of one window to the next; None is the length, so that windows meet.
        rest: What becomes of the end that fills no window.

    Raises:
        DefinitionError: A value cannot be meant.
    """

    seconds: float
    """The length of every window."""
    step: float | None = None
    """Seconds from one window's start to the next; None is their length."""
    rest: Literal["pad", "drop"] = "pad"
    """The end that fills no window: padded with silence, or left out (a clip shorter than a window too)."""

    def validate(self) -> None:
        _check_seconds("seconds", self.seconds)
        if self.step is not None:
            _check_seconds("step", self.step)


Cut: TypeAlias = Fixed | Whole | Ragged | Windows
"""How clips become examples."""


def _check_seconds(name: str, value: object) -> None:
    require(
        isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0,
        f"{name} must be a number of seconds above 0; got {value!r}",
    )
