"""Ways to turn clips into examples: one fixed length, whole, ragged, or many windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from sonogram.config import Config, require

__all__ = ["Cut", "Fixed", "Ragged", "Whole", "Windows"]


@dataclass(frozen=True, repr=False)
class Fixed(Config):
    """Cut that crops longer clips and pads shorter ones with silence to one length.

    Raises:
        DefinitionError: A value is invalid.
    """

    seconds: float
    """Length of every example, seconds."""
    crop: Literal["start", "center", "random"] = "center"
    """Segment to take from a longer clip; "random" differs in each epoch."""
    pad: Literal["end", "both"] = "end"
    """Where to add silence to a shorter clip."""

    def validate(self) -> None:
        _check_seconds("seconds", self.seconds)


@dataclass(frozen=True, repr=False)
class Whole(Config):
    """Cut that keeps each clip whole, in batches of clips of similar length, padded to the longest.

    Raises:
        DefinitionError: A value is invalid.
    """

    ratio: float | None = 1.5
    """Maximum ratio of the longest to the shortest clip of a batch; None keeps the order of the clips."""

    def validate(self) -> None:
        require(
            self.ratio is None or (isinstance(self.ratio, (int, float)) and self.ratio > 1),
            f"ratio must be above 1, or None for any lengths; got {self.ratio!r}",
        )


@dataclass(frozen=True, repr=False)
class Ragged(Config):
    """Cut that keeps each clip whole, in ragged tensors."""


@dataclass(frozen=True, repr=False)
class Windows(Config):
    """Cut that makes many examples of one length from each recording, all with its label.

    Windows begin at every step. They are those of `sonogram.predict` with the same length and step.

    Raises:
        DefinitionError: A value is invalid.
    """

    seconds: float
    """Length of every window, seconds."""
    step: float | None = None
    """Time from one window's start to the next, seconds; None takes the length: no overlap."""
    remainder: Literal["overlap", "drop"] = "overlap"
    """What to do with an end that fills no window: "overlap" adds a window that ends with the recording, and
    pads a recording shorter than a window with silence; "drop" leaves both out."""

    def validate(self) -> None:
        _check_seconds("seconds", self.seconds)
        if self.step is not None:
            _check_seconds("step", self.step)


Cut: TypeAlias = Fixed | Whole | Ragged | Windows
"""Any of the cuts."""


def _check_seconds(name: str, value: object) -> None:
    require(
        isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0,
        f"{name} must be a number of seconds above 0; got {value!r}",
    )
