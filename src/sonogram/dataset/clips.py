"""Clips with labels, as plain data. No sound file is opened here."""

from __future__ import annotations

import csv
import io
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.files import write_text

__all__ = ["Clip", "Clips", "Kind", "Span", "class_names"]

Kind: TypeAlias = Literal["label", "text", "events"]
"""What clips are labeled with, which determines what is trained on them."""


class Span(NamedTuple):
    """Sound event in a recording, as labeled."""

    start: float
    """Seconds from the beginning of the recording."""
    end: float
    """Seconds; infinite up to the end of the recording."""
    label: str
    """Class of the sound."""


class Clip(NamedTuple):
    """One recording of a data set."""

    path: str
    """The sound file."""
    label: str
    """Class of the sound; several labels are joined by ";", see `labels`. Empty if there is a text."""
    group: str | None = None
    """Speaker, place or other origin shared with other clips, which must stay on one side of a split."""
    split: str | None = None
    """Published part of the data set, such as "validation" or the number of a fold."""
    text: str | None = None
    """What is spoken, as the target of speech recognition; "" if nothing is. None if there is a label."""
    events: tuple[Span, ...] | None = None
    """All events in the recording, as target of event detection. None if there is a label or a text."""

    @property
    def kind(self) -> Kind:
        """What the clip is labeled with."""
        if self.events is not None:
            return "events"
        return "label" if self.text is None else "text"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in a label such as "bird;rain", for models with several labels a clip."""
        return tuple(part.strip() for part in self.label.split(";") if part.strip())


@dataclass(frozen=True, repr=False)
class Clips(Sequence[Clip]):
    """Clips of a data set, or of a part of it, in a fixed order.

    Args:
        items: The clips.
        classes: Every label of the data set, in the order of the class numbers; None takes the labels of
            the clips, sorted. Parts keep the classes of the whole.

    Raises:
        SonogramError: A label is not among the classes, a file is listed twice, or some clips are labeled in
            another way than others: with a label, a text, or events.

    Example:
        >>> whole = Clips([Clip("a/1.wav", "dog"), Clip("a/2.wav", "cat"), Clip("a/3.wav", "dog")])
        >>> whole.classes, whole.numbers.tolist(), whole.counts
        (('cat', 'dog'), [1, 0, 1], {'cat': 1, 'dog': 2})
    """

    items: tuple[Clip, ...]
    """The clips."""
    classes: tuple[str, ...]
    """Every label, in the order of the class numbers."""

    def __init__(self, items: Iterable[Clip], classes: Iterable[str] | None = None) -> None:
        items = tuple(items)
        known = sorted({*class_names(items)}) if classes is None else classes
        object.__setattr__(self, "items", items)
        object.__setattr__(self, "classes", tuple(known))
        self._check()

    def _check(self) -> None:
        if len(kinds := {clip.kind for clip in self.items}) > 1:
            names = {"events": "events", "text": "a text", "label": "a label"}
            first, second, *_ = (name for kind, name in names.items() if kind in kinds)
            raise SonogramError(f"some clips have {first} and others {second}. Make two data sets of them")
        if unknown := {*class_names(self.items)} - set(self.classes):
            raise SonogramError(
                f"the label {min(unknown)!r} is not one of the classes {', '.join(self.classes)}. Add it"
            )
        if len(set(self.paths)) != len(self.items):
            path, times = Counter(self.paths).most_common(1)[0]
            raise SonogramError(
                f"{path}: listed {times} times; a file in two parts would leak between training "
                "and validation. List it once"
            )

    @overload
    def __getitem__(self, index: int) -> Clip: ...
    @overload
    def __getitem__(self, index: slice) -> Clips: ...
    def __getitem__(self, index: int | slice) -> Clip | Clips:
        if isinstance(index, slice):
            return Clips(self.items[index], self.classes)
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Clip]:
        return iter(self.items)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Path of each clip."""
        return tuple(clip.path for clip in self.items)

    @cached_property
    def numbers(self) -> NDArray[np.int32]:
        """Class number of each clip, its index in `classes`, int32 `(clips,)`.

        Raises:
            SonogramError: The clips have events, which are of several classes.
        """
        self._require_label()
        number = {label: index for index, label in enumerate(self.classes)}
        return np.array([number[clip.label] for clip in self.items], np.int32)

    @property
    def kind(self) -> Kind:
        """What the clips are labeled with, which determines what is trained on them."""
        return self.items[0].kind if self.items else "label"

    @property
    def counts(self) -> Mapping[str, int]:
        """Number of clips of each class, or of events."""
        counted = Counter(class_names(self.items))
        return {label: counted[label] for label in self.classes}

    @property
    def groups(self) -> frozenset[str]:
        """Groups of the clips; empty if unknown."""
        return frozenset(clip.group for clip in self.items if clip.group is not None)

    @property
    def splits(self) -> frozenset[str]:
        """Published parts of the data set; empty if unknown."""
        return frozenset(clip.split for clip in self.items if clip.split is not None)

    def where(self, condition: Callable[[Clip], bool]) -> Clips:
        """Return the clips that fulfill a condition, with the same classes.

        Args:
            condition: Function that returns whether to keep a clip.
        """
        return Clips(filter(condition, self.items), self.classes)

    def select(self, indices: Iterable[int]) -> Clips:
        """Return some of the clips, with the same classes.

        Args:
            indices: Their indices, in the order of the result.
        """
        return Clips((self.items[index] for index in indices), self.classes)

    def of_split(self, name: str) -> Clips:
        """Return the clips of one published part.

        Args:
            name: The part, such as "validation".

        Raises:
            SonogramError: There is no such part; the message lists those that are there.
        """
        if name not in self.splits:
            known = ", ".join(sorted(self.splits)) or "none: the data set has no column split"
            raise SonogramError(f"there is no split {name!r}; there are {known}")
        return self.where(lambda clip: clip.split == name)

    def of_frequent_classes(self, least: int) -> Clips:
        """Return the clips of frequent classes, without the other classes.

        Args:
            least: Minimum number of clips of a class.

        Raises:
            SonogramError: The clips have events.
        """
        self._require_label()
        classes = tuple(label for label, count in self.counts.items() if count >= least)
        return Clips((clip for clip in self.items if clip.label in classes), classes)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the clips as a CSV manifest, its paths relative to it.

        Args:
            path: The manifest; an existing one is replaced, whole or not at all.
        """
        target = Path(path)
        columns = ["path", *(("start", "end", "label") if self.kind == "events" else (self.kind,))]
        columns += ["group"] if self.groups else []
        columns += ["split"] if self.splits else []
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        for clip in self.items:
            relative = Path(os.path.relpath(clip.path, target.parent)).as_posix()
            row = {**clip._asdict(), "path": relative, "start": "", "end": ""}
            # A recording without events has one row without times.
            for event in clip.events or (None,):
                if event is not None:
                    end = "" if math.isinf(event.end) else round(event.end, 6)
                    row |= {"start": round(event.start, 6), "end": end, "label": event.label}
                writer.writerow(["" if row[column] is None else row[column] for column in columns])
        write_text(target, text.getvalue())

    def _require_label(self) -> None:
        if self.kind == "events":
            raise SonogramError("the recordings have events, not one label each. Train on them instead")

    def __repr__(self) -> str:
        groups = f", {len(self.groups)} groups" if self.groups else ""
        return f"Clips({len(self.items)} clips, {len(self.classes)} classes{groups})"


def class_names(clips: Iterable[Clip]) -> Iterator[str]:
    """Yield the label of each clip, or of each event."""
    for clip in clips:
        yield from (clip.label,) if clip.events is None else (event.label for event in clip.events)
