"""Partition of a data set into training, validation and test clips."""

from __future__ import annotations

from typing import NamedTuple

from sonogram.dataset import Clips, split
from sonogram.errors import SonogramError
from sonogram.training.settings import TrainingSettings

__all__ = ["Partition", "evaluation_clips", "partition", "published_partition"]

_NAMES = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_PART_OF = {name: part for part, names in _NAMES.items() for name in names}
_MIN_CLIPS = 2000
"""Number of clips from which on a validation part is split off. Smaller sets need every clip for training."""
_SHARE = 1 / 6


class Partition(NamedTuple):
    """Parts of a data set."""

    train: Clips
    """Clips to train on."""
    validation: Clips
    """Clips whose loss decides when to stop and which epoch is the best."""
    test: Clips
    """Clips to evaluate on; never used in training."""


def published_partition(clips: Clips) -> Partition:
    """Return the partition that the authors of a data set published, by the split of each clip.

    Clips without a split belong to the training part. If every split has another name, such as the number
    of a fold, all clips do.

    Args:
        clips: The data set.

    Raises:
        SonogramError: Some splits are named train, validation or test, and others are not.

    Example:
        >>> splits = {"1.wav": "training", "2.wav": "testing"}
        >>> clips = [sg.dataset.Clip(path, "cat", split=name) for path, name in splits.items()]
        >>> [len(part) for part in published_partition(Clips(clips))]
        [1, 0, 1]
    """
    unknown = sorted(name for name in clips.splits if _part(name) is None)
    if len(unknown) == len(clips.splits):
        nothing = clips[:0]
        return Partition(clips, nothing, nothing)
    if unknown:
        raise SonogramError(
            f"split must be one of {', '.join(_NAMES)}; got {unknown[0]!r}. Rename it, or leave it empty for "
            "clips to train on"
        )
    return Partition(*(clips.where(lambda clip, part=part: _part(clip.split) == part) for part in _NAMES))  # type: ignore[misc]


def _part(split: str | None) -> str | None:
    return "train" if split is None else _PART_OF.get(split.strip().lower())


def evaluation_clips(clips: Clips) -> Clips:
    """Return the clips to evaluate a model on: those of the split test, or all if there are no such splits.

    Args:
        clips: The data set.

    Raises:
        SonogramError: There are training clips by the column split, but no test clips; or an error of
            `published_partition`.

    See Also:
        `sonogram.evaluate`, which selects clips in this way.
    """
    found = published_partition(clips)
    if len(found.test):
        return found.test
    if len(found.train) and any(_part(name) for name in clips.splits):
        raise SonogramError(
            "the column split has no test clips. Name some so, leave the column out to evaluate on all "
            "clips, or use --folds"
        )
    return clips


def partition(clips: Clips, settings: TrainingSettings) -> Partition:
    """Return the partition that a training uses; no group is in two parts.

    The splits of the clips decide. If `settings.validation` is a share, all clips outside the test part are
    split again. Without it, and without validation clips by the column split, a sixth of 2000 or more
    training clips with labels is held out. Recordings with a text or events are varied in each step: they
    need no early stopping.

    Args:
        clips: The data set.
        settings: `validation` and `seed` are used.

    Raises:
        SonogramError: There are no training clips; or an error of `published_partition` or `dataset.split`.
    """
    train, validation, test = published_partition(clips)
    share = settings.validation
    if share is not None:
        excluded = set(test.paths)
        train, validation = clips.where(lambda clip: clip.path not in excluded), clips[:0]
    if not len(train):
        raise SonogramError(
            "there are no training clips by the column split. Name some train, or leave their split empty"
        )
    if share is None:
        many = len(train) >= _MIN_CLIPS and clips.kind == "label"
        share = _SHARE if many and not len(validation) else 0.0
    if share:
        train, validation = split(train, share, seed=settings.seed)
    return Partition(train, validation, test)
