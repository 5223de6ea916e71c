"""Training and validation sets: no group in both, every class in its share in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.dataset.clips import Clip, Clips
from sonogram.dataset.source import Data, clips
from sonogram.errors import SonogramError

__all__ = ["Split", "folds", "leave_one_out", "split"]

_MOST_DRAWS = 32
"""Orders of the groups that are tried, where they are few: the best one is kept."""
_STEPS = 50_000
"""Groups that are placed in all those orders together: with many groups one order is as good as another."""
_SIZE_WEIGHT = 3.0
"""Weight of the error in the size of a part, relative to that of each class. With 1 the parts of data with
many small groups were a fifth too small or too large; with 10 the classes suffered."""
_UNLEARNED = 1000.0
"""What it costs that a class is nowhere but in one part to judge on: more than any other gain."""


class Split(NamedTuple):
    """A training set and a validation set; print it to see the counts."""

    train: Clips
    """What the model learns from."""
    validation: Clips
    """What it is judged on."""

    def __str__(self) -> str:
        train, validation = self
        judged = validation.counts
        rows: list[tuple[str, object, object]] = [("class", "train", "validation")]
        rows += [(label, count, judged[label]) for label, count in train.counts.items()]
        rows += [("clips", len(train), len(validation))]
        if train.groups | validation.groups:
            both = len(train.groups & validation.groups)
            rows += [("groups", len(train.groups), len(validation.groups)), ("groups in both", both, both)]
        width = max(len(row[0]) for row in rows)
        return "\n".join(f"{name:<{width}} {left!s:>7} {right!s:>10}" for name, left, right in rows)


def split(data: Data, validation: float = 0.2, *, seed: int = 0) -> Split:
    """A training and a validation set that no group crosses, each class in its share as far as groups let it.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest.
        validation: The share of the clips to judge on, between 0 and 1.
        seed: Which of the possible splits; the same one gives the same split, on every machine.

    Returns:
        The two sets, with the classes of the whole. A class whose clips are all in one group is on one
        side; the printed counts show it.

    Raises:
        SonogramError: The share is not between 0 and 1, or all clips are in one group.

    Example:
        >>> print(split(Clips(Clip(f"{i}.wav", "ab"[i % 2], f"voice {i // 4}") for i in range(16)), 0.25))
        class            train validation
        a                    6          2
        b                    6          2
        clips               12          4
        groups               3          1
        groups in both       0          0
    """
    if not 0 < validation < 1:
        raise SonogramError(f"validation must be a share between 0 and 1, such as 0.2; got {validation}")
    return _split(clips(data), (validation, 1 - validation), seed, judged=1)[0]


def folds(data: Data, count: int, *, seed: int = 0) -> tuple[Split, ...]:
    """Split for cross-validation: each clip is judged in exactly one, with all others of its group.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest.
        count: How many; as many as groups leaves one group out at a time.
        seed: Which of the possible divisions; the same one gives the same folds.

    Returns:
        One split for each fold.

    Raises:
        SonogramError: There are fewer groups than folds.
    """
    if count != int(count) or count < 2:
        raise SonogramError(f"count must be a whole number of folds, at least 2; got {count}")
    return _split(clips(data), (1 / count,) * int(count), seed, judged=int(count))


def leave_one_out(data: Data, by: Literal["group", "split"] = "group") -> tuple[Split, ...]:
    """Split that leave each group, or each published fold, out in turn.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest.
        by: "group", or "split" for folds that the makers of the data set published.

    Returns:
        One split for each name, sorted by it.

    Raises:
        SonogramError: A clip has no such name, or all have the same.
    """
    whole = clips(data)
    if by not in ("group", "split"):
        raise SonogramError(f'by must be "group" or "split"; got {by!r}')
    if nameless := next((clip for clip in whole if getattr(clip, by) is None), None):
        raise SonogramError(f"{nameless.path}: has no {by}, so it can be neither left out nor kept: name it")
    names = sorted({getattr(clip, by) for clip in whole})
    if len(names) < 2:
        raise SonogramError(f"all clips have one {by}, {', '.join(names)}: nothing is left to learn from")
    parts = [[index for index, clip in enumerate(whole) if getattr(clip, by) == name] for name in names]
    return tuple(_without(whole, part) for part in parts)


def _split(whole: Clips, shares: Sequence[float], seed: int, judged: int) -> tuple[Split, ...]:
    """Divide the clips, and makes a split of each of the first `judged` parts and what is not in it."""
    members = _members(whole)
    if len(members) < len(shares):
        raise SonogramError(
            f"{len(members)} groups cannot be divided into {len(shares)} parts that no group crosses; "
            "add recordings of other groups, or take the column group away to split by clips"
        )
    counts = np.zeros((len(members), len(whole.classes)))
    for row, group in zip(counts, members, strict=True):
        np.add.at(row, whole.numbers[group], 1)
    part_of = _divided(counts, np.asarray(shares), np.random.default_rng(seed), judged)
    parts = [
        sorted(index for group, own in zip(members, part_of, strict=True) if own == part for index in group)
        for part in range(judged)
    ]
    return tuple(_without(whole, part) for part in parts)


def _members(whole: Clips) -> list[list[int]]:
    """The clips of each group; one without a group is its own."""
    members: dict[object, list[int]] = {}
    for index, clip in enumerate(whole):
        members.setdefault(index if clip.group is None else clip.group, []).append(index)
    return list(members.values())


def _without(whole: Clips, part: Sequence[int]) -> Split:
    out = set(part)
    kept: list[Clip] = []
    judged: list[Clip] = []
    for index, clip in enumerate(whole):
        (judged if index in out else kept).append(clip)
    return Split(Clips(kept, whole.classes), Clips(judged, whole.classes))


def _divided(
    counts: NDArray[np.float64], shares: NDArray[np.float64], rng: np.random.Generator, judged: int
) -> NDArray[np.int64]:
    """The part of each group, so that every class is shared out as `shares` say.

    Args:
        counts: Clips of each class in each group, `(groups, classes)`.
        shares: Of the clips, for each part, `(parts,)`.
        rng: What draws the orders.
        judged: How many of the parts, from the first on, models are judged on and not trained on.
    """
    if counts.sum(axis=1).max() == 1:
        return _divided_clips(counts.argmax(axis=1), shares, rng, judged)
    # The size of a part is one more class, which every clip is of.
    counts = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
    wanted = shares[:, None] * counts.sum(axis=0)
    best, least = None, np.inf
    for _ in range(min(_MOST_DRAWS, 1 + _STEPS // len(counts))):
        part_of, error = _filled(counts, wanted, rng.permutation(len(counts)), judged)
        if error < least:
            best, least = part_of, error
    assert best is not None
    return best


def _divided_clips(
    classes: NDArray[np.int64], shares: NDArray[np.float64], rng: np.random.Generator, judged: int
) -> NDArray[np.int64]:
    """The part of each clip where there are no groups: exact for each class, to one clip."""
    order = rng.permutation(len(classes))
    order = order[np.argsort(classes[order], kind="stable")]
    # One line of all clips, class after class, is dealt out evenly: each part gets its share of every
    # stretch of the line, so of every class, and of the whole.
    dealt = np.zeros(len(shares))
    part_of = np.empty(len(classes), np.int64)
    for place, index in enumerate(order):
        part = int(np.argmax(shares * (place + 1) - dealt))
        part_of[index] = part
        dealt[part] += 1
    if judged < len(shares):  # a class of a clip or two may have been dealt out of what is learned
        for number in np.setdiff1d(classes, classes[part_of >= judged]):
            part_of[np.flatnonzero(classes == number)[0]] = judged
    return part_of


def _filled(
    counts: NDArray[np.float64], wanted: NDArray[np.float64], order: NDArray[np.int64], judged: int
) -> tuple[NDArray[np.int64], float]:
    """Put one group after another where it is missed most; returns the parts and the squared error."""
    held = np.zeros_like(wanted)
    part_of = np.empty(len(counts), np.int64)
    # An error counts by the share that is wanted of the class, so that rare classes count as well.
    weight = 1 / np.maximum(wanted, 1e-9)
    weight[:, -1] *= _SIZE_WEIGHT
    empty = len(wanted)
    for place, group in enumerate(order):
        missing = wanted - held
        # What the squared error grows by, had each part the group.
        growth = ((counts[group] ** 2 - 2 * counts[group] * missing) * weight).sum(axis=1)
        if len(order) - place <= empty:  # as many groups are left as parts without one
            growth[held.sum(axis=1) > 0] = np.inf
        part = int(np.argmin(growth))
        empty -= not held[part].any()
        held[part] += counts[group]
        part_of[group] = part
    total = counts.sum(axis=0)
    unlearned = ((held == total) & (total > 0))[:judged].sum()
    return part_of, float(((held - wanted) ** 2 * weight).sum() + _UNLEARNED * unlearned)
