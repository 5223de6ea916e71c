"""Scores of windows, one after another, to events: what is heard, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError

__all__ = ["DEFAULT_THRESHOLD", "Event", "Timeline", "WindowScores"]

DEFAULT_THRESHOLD = 0.5
"""The score from which on a window of a longer sound tells of an event."""


@dataclass(frozen=True, eq=False)
class WindowScores:
    """What a model says of one window."""

    start: float
    """Seconds from the beginning of the sound."""
    end: float
    """Seconds from the beginning of the sound."""
    scores: NDArray[np.float32]
    """One for each label, `(labels,)`."""


@dataclass(frozen=True)
class Event:
    """Something that was heard."""

    start: float
    """Seconds from the beginning of the sound."""
    end: float
    """Seconds from the beginning of the sound."""
    label: str
    score: float
    """The highest score of its windows, from 0 to 1."""


class Timeline:
    """Makes events of the scores of windows as they come.

    Windows overlap, and events shall not: each window answers for the part that is nearer to its
    middle than to that of its neighbors; the first one from the beginning on, the last one to the end.
    Parts that meet and have the same label become one event.

    Args:
        labels: The names of the scores.
        threshold: Scores below it are no events.
        multi_label: Whether several labels may be heard at once; otherwise only the highest score counts.

    Example:
        >>> timeline = Timeline(["cat", "dog"])
        >>> for start, cat in enumerate([0.75, 0.75, 0.25, 0.25]):
        ...     timeline.add(WindowScores(start, start + 2, np.float32([cat, 1 - cat])))
        []
        []
        []
        [Event(start=0.0, end=2.5, label='cat', score=0.75)]
        >>> [(event.start, event.end, event.label) for event in timeline.finish()]
        [(2.5, 5.0, 'dog')]
    """

    def __init__(
        self, labels: Sequence[str], threshold: float = DEFAULT_THRESHOLD, multi_label: bool = False
    ) -> None:
        if not 0 <= threshold <= 1:
            raise SonogramError(f"threshold must be a score from 0 to 1; got {threshold}")
        self._labels = tuple(labels)
        self._threshold, self._multi_label = threshold, multi_label
        self._last: WindowScores | None = None
        self._begin = 0.0  # of the part that the last window answers for
        self._open: dict[int, Event] = {}

    def add(self, window: WindowScores) -> list[Event]:
        """Take the scores of the next window and returns the events that ended before it."""
        if self._last is None:
            self._last, self._begin = window, float(window.start)
            return []
        border = (self._last.start + self._last.end + window.start + window.end) / 4
        ended = self._part(self._last, float(border))
        self._last, self._begin = window, float(border)
        return ended

    def finish(self) -> list[Event]:
        """End the sound and returns the events that it ended."""
        ended = [] if self._last is None else self._part(self._last, float(self._last.end))
        return ended + self._ended(set(self._open))

    def _part(self, window: WindowScores, end: float) -> list[Event]:
        heard = self._heard(window.scores)
        ended = self._ended(set(self._open) - set(heard))
        for number, score in heard.items():
            before = self._open.get(number)
            if before is None:
                self._open[number] = Event(self._begin, end, self._labels[number], score)
            else:
                self._open[number] = Event(before.start, end, before.label, max(before.score, score))
        return ended

    def _heard(self, scores: NDArray[np.float32]) -> dict[int, float]:
        numbers = range(len(scores)) if self._multi_label else [int(np.argmax(scores))]
        return {number: float(scores[number]) for number in numbers if scores[number] >= self._threshold}

    def _ended(self, numbers: set[int]) -> list[Event]:
        ended = [self._open.pop(number) for number in sorted(numbers)]
        return sorted(ended, key=lambda event: event.start)
