"""A sound that comes in pieces to windows of one length, the same ones however it is cut."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.errors import SonogramError

__all__ = ["Window", "Windows", "checked"]

Samples = NDArray[np.float32]


class Window(NamedTuple):
    """A part of a sound that gets scores of its own."""

    start: int
    """The place of its first sample in the sound."""
    samples: Samples
    """float32, `(samples,)`."""


class Windows:
    """Keeps the samples that a later window has, and gives out the windows that are complete.

    Windows begin at every step. The last one ends where the sound ends, so that it is as long as the
    others; only a sound that is shorter than a window is one window of its own length.

    Args:
        size: The length of a window, samples.
        step: From the start of one window to the next, samples, at most `size`.

    Example:
        >>> windows = Windows(4, 2)
        >>> [window.start for window in windows.push(np.zeros(7))]
        [0, 2]
        >>> [(window.start, len(window.samples)) for window in windows.finish()]
        [(3, 4)]
    """

    def __init__(self, size: int, step: int) -> None:
        self.size, self.step = size, step
        self._held = np.zeros(0, np.float32)
        self._base = 0  # where in the sound the samples held begin
        self._next = 0  # where the next window begins

    @property
    def total(self) -> int:
        """Samples so far."""
        return self._base + len(self._held)

    def push(self, samples: ArrayLike) -> list[Window]:
        """Take the next samples, `(samples,)`, and returns the windows that they complete."""
        chunk = checked(samples)
        self._held = np.concatenate([self._held, chunk])
        found = []
        while self._next + self.size <= self.total:
            found.append(self._window(self._next))
            self._next += self.step
        # The last window may begin a step before the next one would.
        kept = min(max(self._next - self.step, 0), self.total)
        self._held, self._base = self._held[kept - self._base :].copy(), kept
        return found

    def finish(self) -> list[Window]:
        """End the sound and returns the window that it lacks; none where it holds no samples."""
        covered = self._next - self.step + self.size if self._next else 0
        if self.total <= covered:
            return []
        return [self._window(max(self.total - self.size, 0))]

    def _window(self, start: int) -> Window:
        place = start - self._base
        return Window(start, self._held[place : place + self.size].copy())


def checked(samples: ArrayLike) -> Samples:
    """Return a chunk of sound as float32, `(samples,)`.

    Raises:
        SonogramError: It has channels, is of whole numbers other than 16 bits, or is not finite.
    """
    chunk = np.asarray(samples)
    if chunk.ndim != 1:
        raise SonogramError(
            f"samples must be (samples,), one channel; got {chunk.shape}: take one channel or their mean"
        )
    if chunk.dtype == np.int16:
        return chunk.astype(np.float32) / np.float32(32768)
    if chunk.dtype.kind != "f":
        raise SonogramError(
            f"samples must be floating point in [-1, 1] or 16-bit integers; got {chunk.dtype}: "
            "divide by full scale"
        )
    if not np.isfinite(chunk).all():
        first = int(np.argmin(np.isfinite(chunk)))
        raise SonogramError(
            f"sample {first} of the chunk is not finite (NaN or infinite); the chunk was not taken: "
            "repair it and give it again"
        )
    return chunk.astype(np.float32)
