"""Which mean to take from the features: tried on the clips themselves, before the training.

A voice, a microphone or a room adds much the same to all frames of a clip. Where it differs between groups
and the sound moves, as in speech, it is best removed band by band; where it is the sound, as of a drum, it
must stay. A linear classifier, trained without one part of the groups and judged on it, tells which.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sonogram.training.bank import Features

__all__ = ["better_center"]

_PARTS = 8
_FOLDS = 5
_RIDGE = 30.0
"""Of the regression: values have deviation 1 and there are some hundreds of them."""
_MOST_CLIPS = 2000
_CLEARLY = 1.15
"""How much oftener the mean of the clip must be right to be taken: where both are alike, the one that hears
no microphone is safer with those that are in no group."""
_SCALE = 300.0
"""Brings the likeness of two clips to the scale of the ridge, whatever the number of bands."""


def better_center(
    features: Sequence[Features], targets: NDArray[np.float32], groups: Sequence[str | None]
) -> str:
    """Return "band" unless a linear classifier knows other groups clearly better by "clip".

    Args:
        features: Of each clip, `(frames, bands)`.
        targets: What is heard, `(clips, labels)`.
        groups: Of each clip; without groups there is nothing to try, and it is "clip".
    """
    known = np.array([index for index, group in enumerate(groups) if group is not None], int)
    if len(known) > _MOST_CLIPS:
        # Drawn: a list is often sorted by its labels.
        known = np.sort(np.random.default_rng(0).choice(known, _MOST_CLIPS, replace=False))
    names, places = np.unique([str(groups[index]) for index in known], return_inverse=True)
    if len(names) < 2:
        return "clip"
    # The largest group to the emptiest fold, and so on.
    sizes = np.bincount(places)
    held = np.zeros(min(_FOLDS, len(names)))
    fold_of = np.zeros(len(names), int)
    for group in np.argsort(-sizes, kind="stable"):
        fold_of[group] = int(np.argmin(held))
        held[fold_of[group]] += sizes[group]
    folds, wanted = fold_of[places], targets[known]
    seen = [np.asarray(features[index], np.float64) for index in known]
    right = {}
    for center in ("clip", "band"):
        moved = [clip - clip.mean(axis=0) for clip in seen] if center == "band" else seen
        right[center] = _right(np.stack([_parts(clip) for clip in moved]), wanted, folds)
    return "clip" if right["clip"] > _CLEARLY * right["band"] else "band"


def _parts(clip: NDArray[np.float64]) -> NDArray[np.float64]:
    """The means of equal parts of a clip, one behind the other."""
    edges = np.linspace(0, len(clip), _PARTS + 1)
    lows = np.minimum(edges[:-1].astype(int), len(clip) - 1)
    highs = np.maximum(np.ceil(edges[1:]).astype(int), lows + 1)
    return np.concatenate([clip[low:high].mean(axis=0) for low, high in zip(lows, highs, strict=True)])


def _right(seen: NDArray[np.float64], targets: NDArray[np.float32], folds: NDArray[np.int64]) -> int:
    """How many clips a ridge regression names right that has not seen their fold."""
    total = 0
    for fold in np.unique(folds):
        test = folds == fold
        mean, deviation = seen[~test].mean(axis=0), seen[~test].std(axis=0) + 1e-3
        train, asked = (seen[~test] - mean) / deviation, (seen[test] - mean) / deviation
        middle = targets[~test].mean(axis=0)
        kernel = train @ train.T / train.shape[1] * _SCALE
        weights = np.linalg.solve(kernel + _RIDGE * np.eye(len(train)), targets[~test] - middle)
        given = asked @ train.T / train.shape[1] * _SCALE @ weights + middle
        total += int((targets[test][np.arange(test.sum()), given.argmax(axis=1)] > 0).sum())
    return total
