"""How a model is trained, as data."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from sonogram.errors import SonogramError

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """How a model is trained. The defaults are for a few hundred clips on two cores.

    Args:
        epochs: How often each clip is seen; None follows from the number of clips, see `num_epochs`.
        batch_size: Clips of one step.
        seed: Where all random numbers begin.
        learning_rate: The largest one; it rises to it, then falls to 0 as a cosine.
        weight_decay: Of AdamW.
        warm_up: Share of the steps in which the learning rate rises.
        label_smoothing: Share of a label that is spread over all.
        mixup: Share of the clips that are mixed with another; 0 mixes none.
        augment: Whether clips are played faster and slower, filtered, put into rooms and noise.
        versions: How many augmented versions of each clip are made.
        validation: Share of the clips that are held out, group by group, to say when to stop; None holds
            out a sixth where there are at least 2000 clips, and nothing where every clip counts.
        patience: Epochs without a better validation loss after which it stops.
        seconds: The longest piece of a clip that is learned from at once.

    Raises:
        SonogramError: A value cannot be meant.
    """

    epochs: int | None = None
    """How often each clip is seen; None follows from the number of clips."""
    batch_size: int = 32
    """Clips of one step."""
    seed: int = 0
    """Where all random numbers begin."""
    learning_rate: float = 2e-3
    """The largest one."""
    weight_decay: float = 1e-2
    """Of AdamW."""
    warm_up: float = 0.1
    """Share of the steps in which the learning rate rises."""
    label_smoothing: float = 0.1
    """Share of a label that is spread over all."""
    mixup: float = 0.5
    """Share of the clips that are mixed with another."""
    augment: bool = True
    """Whether clips are changed as other voices, rooms and microphones would."""
    versions: int = 8
    """How many augmented versions of each clip are made."""
    validation: float | None = None
    """Share of the clips that says when to stop."""
    patience: int = 20
    """Epochs without a better validation loss after which it stops."""
    seconds: float = 3.0
    """The longest piece of a clip that is learned from at once."""

    def __post_init__(self) -> None:
        shares = ("warm_up", "label_smoothing", "mixup")
        for name in shares:
            value = getattr(self, name)
            _require(0 <= value < 1 or (name == "mixup" and value == 1), name, "a share from 0 to 1", value)
        for name in ("batch_size", "patience", "versions"):
            value = getattr(self, name)
            _require(_whole(value) and value >= 1, name, "a whole number, at least 1", value)
        fits = _whole(self.seed) and 0 <= self.seed < 1 << 32
        _require(fits, "seed", "a whole number from 0 to 4294967295", self.seed)
        epochs = self.epochs
        _require(epochs is None or (_whole(epochs) and epochs >= 1), "epochs", "at least 1", epochs)
        _require(self.learning_rate > 0, "learning_rate", "above 0", self.learning_rate)
        _require(self.weight_decay >= 0, "weight_decay", "not below 0", self.weight_decay)
        _require(self.seconds > 0, "seconds", "above 0", self.seconds)
        share = self.validation
        _require(share is None or 0 <= share < 1, "validation", "a share from 0 to below 1, or None", share)

    def num_epochs(self, num_clips: int) -> int:
        """Return how often each of so many clips is seen: 150 times of up to 80, 30 of 1000, 15 of many."""
        if self.epochs is not None:
            return self.epochs
        count = max(num_clips, 1)
        often = min(_OFTEN, math.ceil(_STILL_SEEN / count))
        return min(max(math.ceil(_SEEN / count), often, _FEWEST), _MOST)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain data for JSON."""
        return dataclasses.asdict(self)


_SEEN = 12_000
"""Clips that a small network sees until it has learned what it can."""
_OFTEN, _STILL_SEEN = 30, 30_000
"""More clips are each seen so often, as long as these are not more in all."""
_FEWEST, _MOST = 15, 150
"""Epochs."""


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _require(holds: bool, name: str, wanted: str, value: object) -> None:
    if not holds:
        raise SonogramError(f"{name} must be {wanted}; got {value!r}")
