"""Windows of one length over a sound that arrives in chunks, the same windows for any chunk sizes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Window", "WindowBuffer", "num_samples"]

Samples = NDArray[np.float32]


class Window(NamedTuple):
    """Segment of a sound."""

    start: int
    """Index of its first sample in the sound."""
    samples: Samples
    """float32, `(samples,)`."""


class WindowBuffer:
    """Buffer that takes chunks of samples and returns the windows that are complete.

    Windows begin at every step. The last one ends where the sound ends, so that it is as long as the others.
    Only a sound that is shorter than a window is one window of its own length. Training (`Windows`) and
    prediction share this rule.

    Args:
        size: Length of a window, samples.
        step: Step from the start of one window to the next, samples.

    Example:
        >>> windows = WindowBuffer(4, 2)
        >>> [window.start for window in windows.push(np.zeros(7))]
        [0, 2]
        >>> [(window.start, len(window.samples)) for window in windows.finish()]
        [(3, 4)]
    """

    def __init__(self, size: int, step: int) -> None:
        self.size, self.step = size, step
        self._buffer = np.zeros(0, np.float32)
        self._offset = 0  # index in the sound of the first sample in the buffer
        self._next = 0  # start of the next window

    @property
    def total(self) -> int:
        """Number of samples so far."""
        return self._offset + len(self._buffer)

    def push(self, chunk: Samples) -> list[Window]:
        """Take the next samples, float32 `(samples,)`, and return the windows that they complete."""
        self._buffer = np.concatenate([self._buffer, chunk])
        found = []
        while self._next + self.size <= self.total:
            found.append(self._window(self._next))
            self._next += self.step
        # The last window may begin up to one step before the next regular one.
        first = min(max(self._next - self.step, 0), self.total)
        self._buffer, self._offset = self._buffer[first - self._offset :].copy(), first
        return found

    def finish(self) -> list[Window]:
        """End the sound and return the last window if it has samples that no other window has."""
        covered = max(self._next - self.step + self.size, self._next) if self._next else 0
        if self.total <= covered:
            return []
        return [self._window(max(self.total - self.size, 0))]

    def _window(self, start: int) -> Window:
        first = start - self._offset
        return Window(start, self._buffer[first : first + self.size].copy())


def num_samples(seconds: float, sample_rate: float) -> int:
    """Return a length in samples, rounded, at least 1."""
    return max(1, round(seconds * sample_rate))
