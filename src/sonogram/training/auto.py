"""Automatic choice of the front end, the networks and the mean to subtract, from the clips."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import info
from sonogram.dataset import Clips
from sonogram.dataset.splitting import random_subset
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.presets import preset
from sonogram.training.augmentation import Features

__all__ = ["CANDIDATES", "choose_center", "choose_frontend", "choose_network", "part_means"]

_SPEECH, _TIMBRE = "yamnet", "panns-32k"
CANDIDATES = (_SPEECH, _TIMBRE)
"""Presets to choose from."""
_MAX_FILES = 200
"""Number of files whose sample rate is read; in longer lists they are evenly spaced."""
_NETWORKS = ("cnn", "crnn", "cnn")
"""Networks of the ensemble. Different architectures make different mistakes, so averaging helps."""
_NETWORK_OF = {"text": "rnn", "events": "conv"}
"""Network of a speech recognizer, and of an event detector."""
_MAX_CLIPS_OF_ENSEMBLE = (200, 1000)
"""Largest number of clips for a third and for a second network: training then still takes minutes."""

_PARTS = 8
_FOLDS = 5
_RIDGE = 30.0
"""Regularization of the regression, for some hundred values of standard deviation 1."""
_MAX_CLIPS = 2000
_MARGIN = 1.15
"""Ratio of correct clips that the clip mean needs to be chosen. Near a tie, the band mean is safer:
it removes the microphone also where the clips do not show that it varies."""
_SCALE = 300.0
"""Scale of the kernel, so that one ridge suits any number of bands."""


def choose_frontend(center: str | None, paths: Sequence[str]) -> Frontend:
    """Return the preset for 32 kHz if timbre identifies the sounds and the files have that rate; else 16 kHz.

    Sounds that move, such as speech, lie below 8 kHz. Cymbals differ above it, and drums below 125 Hz.

    Args:
        center: Result of `choose_center`; None if unknown.
        paths: The sound files.
    """
    timbre = preset(_TIMBRE)
    if center != "clip" or _median_sample_rate(paths) < timbre.sample_rate:
        return preset(_SPEECH)
    return timbre


def choose_network(num_clips: int, kind: str = "label") -> str:
    """Return an ensemble of three, two or one networks: fewer for more clips, so that it takes minutes.

    Args:
        num_clips: Number of training clips.
        kind: `Clips.kind`: texts and events get one network, for any number of clips.

    Returns:
        Names of networks, joined by "+".

    Example:
        >>> choose_network(150), choose_network(5000)
        ('cnn+crnn+cnn', 'cnn')
    """
    if kind != "label":
        return _NETWORK_OF[kind]
    return "+".join(_NETWORKS[: 1 + sum(num_clips <= most for most in _MAX_CLIPS_OF_ENSEMBLE)])


def _median_sample_rate(paths: Sequence[str]) -> float:
    rates = []
    for path in paths[:: -(-len(paths) // _MAX_FILES)]:
        try:
            rates.append(info(path, partial=False).sample_rate)
        except SonogramError:
            continue  # reported when it is loaded
    return statistics.median(rates) if rates else 0.0


def choose_center(clips: Clips, features: Sequence[Features], targets: NDArray[np.float32]) -> str:
    """Return which mean to subtract from the features: "band" or "clip".

    A voice, a microphone or an acoustic adds nearly the same spectrum to all frames of a clip. If it differs
    between groups and the sound moves, as in speech, subtract the mean of each band. If the constant spectrum
    is the sound, as of a drum, subtract only the mean of the whole clip. A linear classifier decides, by
    cross-validation over the groups.

    Args:
        clips: The clips. Without groups there is nothing to compare, and the result is "clip".
        features: Features of each clip, `(frames, bands)`.
        targets: 1 where a clip has a label, `(clips, labels)`.
    """
    known = np.array([index for index, clip in enumerate(clips) if clip.group is not None], int)
    known = known[random_subset(len(known), _MAX_CLIPS)]
    chosen = clips.select(known)
    if len(chosen.groups) < 2:
        return "clip"
    fold_of = _group_folds([str(clip.group) for clip in chosen])
    original = [np.asarray(features[index], np.float64) for index in known]
    correct = {}
    for center in ("clip", "band"):
        centered = [clip - clip.mean(axis=0) for clip in original] if center == "band" else original
        means = np.stack([part_means(clip) for clip in centered])
        correct[center] = _count_correct(means, targets[known], fold_of)
    return "clip" if correct["clip"] > _MARGIN * correct["band"] else "band"


def _group_folds(groups: Sequence[str]) -> NDArray[np.int64]:
    """Return the fold of each clip, by sizes alone: the largest group to the smallest fold, and so on.

    `dataset.folds` would also balance the classes. The published accuracies were measured with these folds.
    """
    names, places = np.unique(groups, return_inverse=True)
    sizes = np.bincount(places)
    totals = np.zeros(min(_FOLDS, len(names)))
    fold_of = np.zeros(len(names), int)
    for group in np.argsort(-sizes, kind="stable"):
        fold_of[group] = int(np.argmin(totals))
        totals[fold_of[group]] += sizes[group]
    found: NDArray[np.int64] = fold_of[places]
    return found


def part_means(clip: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means of equal parts of a clip, concatenated."""
    edges = np.linspace(0, len(clip), _PARTS + 1)
    lows = np.minimum(edges[:-1].astype(int), len(clip) - 1)
    highs = np.maximum(np.ceil(edges[1:]).astype(int), lows + 1)
    return np.concatenate([clip[low:high].mean(axis=0) for low, high in zip(lows, highs, strict=True)])


def _count_correct(
    values: NDArray[np.float64], targets: NDArray[np.float32], fold_of: NDArray[np.int64]
) -> int:
    """Return how many clips a kernel ridge regression classifies correctly in cross-validation."""
    total = 0
    for fold in np.unique(fold_of):
        test = fold_of == fold
        mean, std = values[~test].mean(axis=0), values[~test].std(axis=0) + 1e-3
        train, held_out = (values[~test] - mean) / std, (values[test] - mean) / std
        offset = targets[~test].mean(axis=0)
        kernel = train @ train.T / train.shape[1] * _SCALE
        weights = np.linalg.solve(kernel + _RIDGE * np.eye(len(train)), targets[~test] - offset)
        scores = held_out @ train.T / train.shape[1] * _SCALE @ weights + offset
        total += int((targets[test][np.arange(test.sum()), scores.argmax(axis=1)] > 0).sum())
    return total
