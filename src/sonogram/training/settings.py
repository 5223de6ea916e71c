"""Training settings as plain data."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from sonogram.errors import SonogramError

__all__ = ["TrainingSettings"]


@dataclass(frozen=True)
class TrainingSettings:
    """Hyperparameters of a training. The defaults suit a few hundred clips and two CPU cores.

    Raises:
        SonogramError: A value is invalid.

    Example:
        >>> TrainingSettings(epochs=30).num_epochs(500), TrainingSettings().num_epochs(500)
        (30, 30)
    """

    epochs: int | None = None
    """Number of epochs; None chooses by the number of clips, see `num_epochs`."""
    batch_size: int = 32
    """Clips in a batch."""
    seed: int = 0
    """Seed of all random numbers."""
    learning_rate: float = 2e-3
    """Peak learning rate. It rises linearly, then falls to 0 as a cosine."""
    weight_decay: float = 1e-2
    """Weight decay of AdamW."""
    warm_up: float = 0.1
    """Share of the steps in which the learning rate rises."""
    label_smoothing: float = 0.1
    """Share of each target that is distributed over all labels."""
    mixup: float = 0.5
    """Share of the clips that are mixed with another one. 0 turns mixup off."""
    augment: bool = True
    """Whether to augment: change speed, filter, add reverberation and noise, and mask features."""
    versions: int = 8
    """Number of augmented versions of each clip, at most one for each epoch."""
    validation: float | None = None
    """Share of the clips to hold out, group by group, for early stopping; None holds out a sixth of 2000 or
    more clips, and nothing of fewer."""
    patience: int = 20
    """Number of epochs without a lower validation loss after which the training stops."""
    seconds: float = 3.0
    """Longest segment of a clip to train on, seconds."""
    partial: bool = False
    """Whether to train on what is there of truncated recordings, instead of leaving them out."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.generic):  # one of NumPy's numbers is no plain data
                value = value.item()
                object.__setattr__(self, field.name, value)
            if isinstance(field.default, bool):
                _require(isinstance(value, bool), field.name, "True or False", value)
            elif value is not None or field.default is not None:
                is_number = isinstance(value, int | float) and not isinstance(value, bool)
                _require(is_number and math.isfinite(value), field.name, "a finite number", value)
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
        fits = epochs is None or (_whole(epochs) and epochs >= 1)
        _require(fits, "epochs", "a whole number, at least 1, or None", epochs)
        _require(self.learning_rate > 0, "learning_rate", "above 0", self.learning_rate)
        _require(self.weight_decay >= 0, "weight_decay", "not below 0", self.weight_decay)
        _require(self.seconds > 0, "seconds", "above 0", self.seconds)
        share = self.validation
        _require(share is None or 0 <= share < 1, "validation", "a share from 0 to below 1, or None", share)

    def num_epochs(self, num_clips: int) -> int:
        """Return the number of epochs: `epochs`, or one that processes about 12,000 clips in all.

        That is 150 epochs for up to 80 clips, 30 for 1000, and at least 15.

        Args:
            num_clips: Number of training clips.
        """
        if self.epochs is not None:
            return self.epochs
        count = max(num_clips, 1)
        more = min(_EPOCHS_WITHIN_LIMIT, math.ceil(_LIMIT / count))
        return min(max(math.ceil(_PROCESSED_CLIPS / count), more, _MIN_EPOCHS), _MAX_EPOCHS)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain data for JSON."""
        return dataclasses.asdict(self)


_PROCESSED_CLIPS = 12_000
"""Number of clips, repetitions included, after which a small network stops improving."""
_EPOCHS_WITHIN_LIMIT, _LIMIT = 30, 30_000
"""Larger sets get so many epochs as long as the number of processed clips stays within the limit."""
_MIN_EPOCHS, _MAX_EPOCHS = 15, 150


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _require(holds: bool, name: str, wanted: str, value: object) -> None:
    if not holds:
        raise SonogramError(f"{name} must be {wanted}; got {value!r}")
