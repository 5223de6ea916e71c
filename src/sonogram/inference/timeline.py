"""Events with start and end times from the scores of consecutive windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError

__all__ = ["DEFAULT_THRESHOLD", "Event", "Timeline", "WindowScores"]

DEFAULT_THRESHOLD = 0.5
"""Minimum score of an event."""


@dataclass(frozen=True, eq=False)
class WindowScores:
    """Scores of one window."""

    start: float
    """Start in the sound, seconds."""
    end: float
    """End in the sound, seconds."""
    scores: NDArray[np.float32]
    """Score of each label, `(labels,)`."""


@dataclass(frozen=True)
class Event:
    """Sound with one label, from start to end."""

    start: float
    """Start in the sound, seconds."""
    end: float
    """End in the sound, seconds."""
    label: str
    """The label."""
    score: float
    """Highest score of its windows, from 0 to 1."""


class Timeline:
    """Converts the scores of windows to events while they arrive.

    Windows overlap, but events do not: each window determines the part of the sound that is nearer to its
    middle than to the middles of the next windows; the first window also the beginning, the last one also
    the end. Adjacent parts with the same label become one event.

    Args:
        labels: Label of each score.
        threshold: Minimum score of an event.
        multi_label: Whether a window may have several labels; otherwise only the highest score counts.

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

    See Also:
        `Predictor.scores` and `StreamingPredictor.push`, which return the scores.
    """

    def __init__(
        self, labels: Sequence[str], threshold: float = DEFAULT_THRESHOLD, multi_label: bool = False
    ) -> None:
        if not 0 <= threshold <= 1:
            raise SonogramError(f"threshold must be a score from 0 to 1; got {threshold}")
        self._labels = tuple(labels)
        self._threshold, self._multi_label = threshold, multi_label
        self._last: WindowScores | None = None
        self._begin = 0.0  # start of the part that the last window determines
        self._open: dict[int, Event] = {}

    def add(self, window: WindowScores) -> list[Event]:
        """Take the scores of the next window and return the events that ended before it.

        Args:
            window: Scores, with the start and end of the window.
        """
        if self._last is None:
            self._last, self._begin = window, float(window.start)
            return []
        border = (self._last.start + self._last.end + window.start + window.end) / 4
        ended = self._part(self._last, float(border))
        self._last, self._begin = window, float(border)
        return ended

    def finish(self) -> list[Event]:
        """End the sound and return the remaining events."""
        ended = [] if self._last is None else self._part(self._last, float(self._last.end))
        return ended + self._end_events(set(self._open))

    def _part(self, window: WindowScores, end: float) -> list[Event]:
        active = self._active(window.scores)
        ended = self._end_events(set(self._open) - set(active))
        for number, score in active.items():
            before = self._open.get(number)
            if before is None:
                self._open[number] = Event(self._begin, end, self._labels[number], score)
            else:
                self._open[number] = Event(before.start, end, before.label, max(before.score, score))
        return ended

    def _active(self, scores: NDArray[np.float32]) -> dict[int, float]:
        numbers = range(len(scores)) if self._multi_label else [int(np.argmax(scores))]
        return {number: float(scores[number]) for number in numbers if scores[number] >= self._threshold}

    def _end_events(self, numbers: set[int]) -> list[Event]:
        ended = [self._open.pop(number) for number in sorted(numbers)]
        return sorted(ended, key=lambda event: event.start)
