"""Training and validation sets without a group in both, and with the same share of every class.

scikit-learn's `StratifiedGroupKFold` divides into equal folds only. Here a part may have any share of the
clips, and a class is never without training clips if that can be avoided.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.dataset.clips import Clip, Clips, class_names
from sonogram.dataset.source import Data, clips
from sonogram.errors import SonogramError

__all__ = ["Split", "fold_numbers", "folds", "leave_one_out", "random_subset", "split"]

_MOST_DRAWS = 32
"""Maximum number of random orders of the groups to try; the best division wins."""
_STEPS = 50_000
"""Maximum number of group placements in all orders together. With many groups the order matters little."""
_SIZE_WEIGHT = 3.0
"""Weight of the error in the size of a part, relative to that of each class. With 1 the parts of data with
many small groups were a fifth too small or too large; with 10 the classes suffered."""
_UNTRAINED = 1000.0
"""Cost of a class without training clips: more than any other gain."""


class Split(NamedTuple):
    """A training set and a validation set; print it to see the counts."""

    train: Clips
    """Clips to train on."""
    validation: Clips
    """Clips to validate on."""

    def __str__(self) -> str:
        train, validation = self
        validated = validation.counts
        rows: list[tuple[str, object, object]] = [("class", "train", "validation")]
        rows += [(label, count, validated[label]) for label, count in train.counts.items()]
        rows += [("clips", len(train), len(validation))]
        if train.groups | validation.groups:
            both = len(train.groups & validation.groups)
            rows += [("groups", len(train.groups), len(validation.groups)), ("groups in both", both, both)]
        width = max(len(row[0]) for row in rows)
        return "\n".join(f"{name:<{width}} {first!s:>7} {second!s:>10}" for name, first, second in rows)


def split(data: Data, validation: float = 0.2, *, seed: int = 0) -> Split:
    """Split clips into a training and a validation set, with no group in both.

    The share of every class is kept as far as the groups allow.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest.
        validation: Share of the clips in the validation set, between 0 and 1.
        seed: Random seed; the same seed gives the same split on every machine.

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

    See Also:
        folds: several splits for cross-validation.
        leave_one_out: one split for each group or published fold.
    """
    if not (isinstance(validation, numbers.Real) and 0 < validation < 1):
        raise SonogramError(f"validation must be a share between 0 and 1, such as 0.2; got {validation!r}")
    return _split(clips(data), (validation, 1 - validation), seed, num_validation=1)[0]


def folds(data: Data, count: int, *, seed: int = 0) -> tuple[Split, ...]:
    """Split clips for cross-validation: each clip is in exactly one validation set, with its whole group.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest.
        count: Number of folds. As many folds as groups leave one group out at a time.
        seed: Random seed; the same seed gives the same folds on every machine.

    Returns:
        One split for each fold.

    Raises:
        SonogramError: There are fewer groups than folds.

    Example:
        >>> parts = folds(Clips(Clip(f"{i}.wav", "ab"[i % 2]) for i in range(6)), 3)
        >>> [len(part.validation) for part in parts]
        [2, 2, 2]

    See Also:
        split: one split. leave_one_out: the folds that a data set was published with.
    """
    if not (isinstance(count, numbers.Real) and count >= 2 and count % 1 == 0):
        raise SonogramError(f"count must be a whole number of folds, at least 2; got {count!r}")
    return _split(clips(data), (1 / count,) * int(count), seed, num_validation=int(count))


def leave_one_out(data: Data, by: Literal["group", "split"] = "group") -> tuple[Split, ...]:
    """Return splits whose validation set is each group, or each published fold, in turn.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest.
        by: "group", or "split" for the folds that a data set was published with.

    Returns:
        One split for each name, sorted by name.

    Raises:
        SonogramError: A clip has no such name, or all have the same.

    Example:
        >>> whole = Clips(Clip(f"{i}.wav", "ab"[i % 2], f"voice {i // 2}") for i in range(6))
        >>> [part.validation.groups for part in leave_one_out(whole)]
        [frozenset({'voice 0'}), frozenset({'voice 1'}), frozenset({'voice 2'})]

    See Also:
        folds: a chosen number of splits.
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


def fold_numbers(whole: Clips, most: int, seed: int = 0) -> NDArray[np.int64] | None:
    """Return the fold of each clip, as of `folds`, int64 `(clips,)`; None if there is one group.

    Args:
        whole: The clips.
        most: Number of folds; with fewer groups there are as many folds.
        seed: Random seed.
    """
    count = min(most, len({clip.group or clip.path for clip in whole}))
    if count < 2:
        return None
    fold_of = np.zeros(len(whole), np.int64)
    for number, part in enumerate(_parts(whole, (1 / count,) * count, seed, count)):
        fold_of[part] = number
    return fold_of


def random_subset(count: int, most: int, seed: int = 0) -> NDArray[np.int64]:
    """Return the sorted indices of items drawn from `count` ones, or of all if they are at most `most`."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False))


def _split(whole: Clips, shares: Sequence[float], seed: int, num_validation: int) -> tuple[Split, ...]:
    """Divide the clips into parts; each of the first `num_validation` parts becomes a validation set."""
    return tuple(_without(whole, part) for part in _parts(whole, shares, seed, num_validation))


def _parts(whole: Clips, shares: Sequence[float], seed: int, num_validation: int) -> list[list[int]]:
    """Return the clips of each of the first `num_validation` parts."""
    if not isinstance(seed, numbers.Integral) or seed < 0:
        raise SonogramError(f"seed must be a whole number, at least 0; got {seed!r}")
    members = _members(whole)
    if len(members) < len(shares):
        raise SonogramError(
            f"{len(members)} groups cannot be divided into {len(shares)} parts that no group crosses; "
            "add recordings of other groups, or take the column group away to split by clips"
        )
    counts = np.zeros((len(members), len(whole.classes)))
    number = {label: index for index, label in enumerate(whole.classes)}
    for row, group in zip(counts, members, strict=True):
        labels = class_names(whole[index] for index in group)
        np.add.at(row, [number[label] for label in labels], 1)
    part_of = _divide(counts, np.asarray(shares), np.random.default_rng(seed), num_validation)
    return [
        sorted(index for group, own in zip(members, part_of, strict=True) if own == part for index in group)
        for part in range(num_validation)
    ]


def _members(whole: Clips) -> list[list[int]]:
    """Return the clips of each group; a clip without a group is a group of its own."""
    members: dict[object, list[int]] = {}
    for index, clip in enumerate(whole):
        members.setdefault(index if clip.group is None else clip.group, []).append(index)
    return list(members.values())


def _without(whole: Clips, part: Sequence[int]) -> Split:
    out = set(part)
    train: list[Clip] = []
    validation: list[Clip] = []
    for index, clip in enumerate(whole):
        (validation if index in out else train).append(clip)
    return Split(Clips(train, whole.classes), Clips(validation, whole.classes))


def _divide(
    counts: NDArray[np.float64], shares: NDArray[np.float64], rng: np.random.Generator, num_validation: int
) -> NDArray[np.int64]:
    """Return the part of each group, so that each part has its share of every class.

    Args:
        counts: Clips of each class in each group, `(groups, classes)`.
        shares: Share of the clips of each part, `(parts,)`.
        rng: Random generator for the orders.
        num_validation: Number of parts, from the first on, that are used for validation.
    """
    if (counts.sum(axis=1) == 1).all():
        return _divide_clips(counts.argmax(axis=1), shares, rng, num_validation)
    # Treat the size of a part as one more class, to which every clip belongs.
    counts = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
    wanted = shares[:, None] * counts.sum(axis=0)
    best, least = None, np.inf
    for _ in range(min(_MOST_DRAWS, 1 + _STEPS // len(counts))):
        part_of, error = _place_groups(counts, wanted, rng.permutation(len(counts)), num_validation)
        if error < least:
            best, least = part_of, error
    assert best is not None
    return best


def _divide_clips(
    classes: NDArray[np.int64], shares: NDArray[np.float64], rng: np.random.Generator, num_validation: int
) -> NDArray[np.int64]:
    """Return the part of each clip if there are no groups: exact for each class, to one clip."""
    order = rng.permutation(len(classes))
    order = order[np.argsort(classes[order], kind="stable")]
    # Sort the clips by class and give each clip to the part that is furthest below its share so far. So
    # each part has its share of every run of the sorted clips, therefore of every class and of the whole.
    dealt = np.zeros(len(shares))
    part_of = np.empty(len(classes), np.int64)
    for place, index in enumerate(order):
        part = int(np.argmax(shares * (place + 1) - dealt))
        part_of[index] = part
        dealt[part] += 1
    if num_validation < len(shares):  # a class of one or two clips may have no training clip yet
        for number in np.setdiff1d(classes, classes[part_of >= num_validation]):
            part_of[np.flatnonzero(classes == number)[0]] = num_validation
    return part_of


def _place_groups(
    counts: NDArray[np.float64], wanted: NDArray[np.float64], order: NDArray[np.int64], num_validation: int
) -> tuple[NDArray[np.int64], float]:
    """Place each group where it reduces the squared error most; return the parts and the error."""
    held = np.zeros_like(wanted)
    part_of = np.empty(len(counts), np.int64)
    # Errors are relative to the wanted number of clips of the class, so that rare classes count too.
    weight = 1 / np.maximum(wanted, 1e-9)
    weight[:, -1] *= _SIZE_WEIGHT
    empty = len(wanted)
    for place, group in enumerate(order):
        missing = wanted - held
        # Growth of the squared error if the group went to each part: (m - c)^2 - m^2 = c^2 - 2 c m.
        growth = ((counts[group] ** 2 - 2 * counts[group] * missing) * weight).sum(axis=1)
        if len(order) - place <= empty:  # the remaining groups are needed for the empty parts
            growth[held.sum(axis=1) > 0] = np.inf
        part = int(np.argmin(growth))
        empty -= not held[part].any()
        held[part] += counts[group]
        part_of[group] = part
    total = counts.sum(axis=0)
    untrained = ((held == total) & (total > 0))[:num_validation].sum()
    return part_of, float(((held - wanted) ** 2 * weight).sum() + _UNTRAINED * untrained)
