"""The loss of a model that has learned nothing, to compare a training with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sonogram.dataset import Clip, label_names, label_targets
from sonogram.training.batches import class_weights
from sonogram.training.settings import TrainingSettings

__all__ = ["guessing_loss"]


def guessing_loss(clips: Sequence[Clip], settings: TrainingSettings, multi_label: bool = False) -> float:
    """Return the training loss of a model that gives every clip the frequencies of the labels.

    It is the entropy of the smoothed, weighted labels: ln n for n labels that are equally frequent, and for
    several labels a clip the mean entropy of having each one.

    Args:
        clips: Training clips.
        settings: `label_smoothing` is used.
        multi_label: Whether a label such as "bird;rain" means both labels.

    Example:
        >>> clips = [sg.dataset.Clip(f"{name}.wav", name) for name in ("cat", "dog")]
        >>> round(guessing_loss(clips, TrainingSettings()), 3)
        0.693
    """
    targets = label_targets(clips, label_names(clips, multi_label), multi_label)
    weights = class_weights(targets)
    share = weights @ targets / weights.sum()
    smoothing, choices = settings.label_smoothing, 2 if multi_label else len(share)
    share = share * (1 - smoothing) + smoothing / choices
    if multi_label:
        return float(np.mean(_entropy(share) + _entropy(1 - share)))
    return float(np.sum(_entropy(share)))


def _entropy(share: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(-share * np.log(np.maximum(share, np.finfo(np.float32).tiny)), np.float64)
