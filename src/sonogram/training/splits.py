"""Which clips are learned from, which say when to stop, and which are kept to judge on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sonogram.dataset import Clip, Clips, split
from sonogram.errors import SonogramError
from sonogram.training.settings import Settings

__all__ = ["Parts", "divided", "parts", "to_judge"]

_NAMES = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_PART_OF = {name: part for part, names in _NAMES.items() for name in names}
_ENOUGH = 2000
"""Clips from which on a part is held out: of fewer, each is worth more to learn from."""
_SHARE = 1 / 6


class Parts(NamedTuple):
    """The parts of a data set."""

    train: tuple[Clip, ...]
    """What is learned from."""
    validation: tuple[Clip, ...]
    """What says when to stop."""
    test: tuple[Clip, ...]
    """What is judged on, and never learned from."""


def parts(clips: Sequence[Clip]) -> Parts:
    """Return the parts that the makers of a data set made, by the split of each clip.

    A clip without a split is learned from. Splits that are all of other names, as the numbers of folds,
    divide nothing here.

    Args:
        clips: What to divide.

    Raises:
        SonogramError: Some splits are named as parts are, and others are not.

    Example:
        >>> found = parts([Clip("1.wav", "cat", split="training"), Clip("2.wav", "cat", split="testing")])
        >>> len(found.train), len(found.validation), len(found.test)
        (1, 0, 1)
    """
    named = {clip.split: _PART_OF.get(clip.split.strip().lower()) for clip in clips if clip.split is not None}
    unknown = sorted(name for name, part in named.items() if part is None)
    if named and len(unknown) == len(named):
        return Parts(tuple(clips), (), ())
    if unknown:
        raise SonogramError(
            f"the split {unknown[0]!r} is none of {', '.join(_NAMES)}: name it so, or leave it empty for "
            "clips to learn from"
        )
    part_of = ["train" if clip.split is None else named[clip.split] for clip in clips]
    return Parts(
        *(
            tuple(clip for clip, part in zip(clips, part_of, strict=True) if part == wanted)
            for wanted in _NAMES
        )
    )


def to_judge(clips: Sequence[Clip]) -> tuple[Clip, ...]:
    """Return the clips to judge a model on: those of the split test; all where no split divides them.

    Args:
        clips: What to choose from.

    Raises:
        SonogramError: Splits say what was learned from, and not what is left to judge on; or what `parts`
            raises.
    """
    found = parts(clips)
    if found.test:
        return found.test
    named = any((clip.split or "").strip().lower() in _PART_OF for clip in clips)
    if named and found.train:
        raise SonogramError(
            "no clip is kept to judge on: none is of the split test; name some so, leave the column split "
            "out to judge on all clips, or take --folds"
        )
    return tuple(clips)


def divided(clips: Sequence[Clip], settings: Settings) -> Parts:
    """Return the parts that a training makes of clips: no group is both learned from and held out.

    The splits of the clips decide. A share in the settings divides what is not kept to judge on anew;
    without one, and where no split says what to hold out, a sixth of 2000 clips and more is.

    Args:
        clips: What to divide.
        settings: Its `validation` is the share, its `seed` says which.

    Raises:
        SonogramError: There is nothing to learn from, or what `parts` and `sonogram.dataset.split` raise.
    """
    train, validation, test = parts(clips)
    share = settings.validation
    if share is not None:
        held = {clip.path for clip in test}
        train, validation = tuple(clip for clip in clips if clip.path not in held), ()
    if not train:
        raise SonogramError(
            "there is no clip to learn from: none is of the split train; name some so, or leave their split "
            "empty"
        )
    if share is None:
        share = _SHARE if len(train) >= _ENOUGH and not validation else 0.0
    if not share:
        return Parts(train, validation, test)
    learned, judged = split(Clips(train), share, seed=settings.seed)
    return Parts(learned.items, judged.items, test)
