"""Samples in pieces to compressed bands: what a frame needs, and nothing of the clip as a whole."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.engines import local as engine_local, numpy as numpy_engine
from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.plan import Plan
from sonogram.errors import SonogramError

__all__ = ["Bands", "Pieces"]

_XP = NumPy()

Bands = tuple[NDArray[Any], NDArray[Any] | None]
"""Compressed bands, `(channels, frames, bands)`, and log energies, `(channels, frames, 1)`, if any."""


class Pieces:
    """Keeps the samples that a later frame can see and gives out the frames that are complete.

    Args:
        plan: The plan; its padding must not depend on the length, and no clip's mean be removed.
        engine: "numpy" or "native"; None chooses.
    """

    def __init__(self, plan: Plan, engine: str | None) -> None:
        self._plan = plan
        self._local, self._dtype = engine_local(engine)
        self._clip: NDArray[Any] | None = None  # conditioned samples, (channels, samples)
        self._base = 0  # where in the clip the kept samples begin
        self._last: NDArray[Any] | None = None  # the last raw sample, for a pre-emphasis over the clip
        self._frame = 0  # the next frame
        self.flat = False
        """Whether the samples come without an axis of channels."""

    @property
    def total(self) -> int:
        """Conditioned samples so far."""
        return 0 if self._clip is None else self._base + self._clip.shape[1]

    def push(self, samples: ArrayLike) -> Bands:
        """Take the next samples, `(samples,)` or `(channels, samples)`; returns the frames they complete."""
        self._take(np.asarray(samples))
        return self._emit(self._complete())

    def finish(self) -> Bands:
        """Return the frames that waited for the edge of the clip."""
        return self._emit(self._plan.num_valid_frames(self.total))

    def _take(self, samples: NDArray[Any]) -> None:
        flat = samples.ndim == 1
        if samples.ndim not in (1, 2) or (self._clip is not None and self.flat != flat):
            raise SonogramError(
                f"a stream takes (samples,) or (channels, samples), not both; got {samples.shape}"
            )
        rows = _XP.samples(samples.reshape(1, -1) if flat else samples)
        if self._clip is None:
            self._clip, self.flat = np.zeros((len(rows), 0), self._dtype), flat
        if len(rows) != len(self._clip):
            raise SonogramError(f"this stream has {len(self._clip)} channels; got {len(rows)}")
        if not rows.shape[1]:
            return
        before = [None] * len(rows) if self._last is None else self._last
        kept = [numpy_engine.condition(self._plan, row, last) for row, last in zip(rows, before, strict=True)]
        self._last = rows[:, -1].copy()
        self._clip = np.concatenate([self._clip, np.asarray(kept, self._dtype)], axis=1)

    def _complete(self) -> int:
        """Return how many frames are the same however the clip goes on."""
        left = self._plan.pad_left(self.total)
        inside = (self.total + left - self._plan.frame_length) // self._plan.frame_step + 1
        if self._plan.definition.padding.mode != "constant" and self.total <= left:
            return self._frame  # the mirror image before the clip is not complete
        return int(max(self._frame, min(inside, self._plan.num_valid_frames(self.total))))

    def _emit(self, stop: int) -> Bands:
        if self._clip is None:
            return np.zeros((0, 0, self._plan.num_filters), self._dtype), None
        count = max(stop - self._frame, 0)
        bands = [
            self._local(self._plan, row, self._frame, count, self._base, self.total) for row in self._clip
        ]
        self._frame += count
        self._forget(self._clip)
        values = np.asarray([each[0] for each in bands]).reshape(len(bands), count, self._plan.num_filters)
        energy = np.asarray([each[1] for each in bands]) if bands and bands[0][1] is not None else None
        return values, energy

    def _forget(self, clip: NDArray[Any]) -> None:
        """Drop the samples that neither the next frame nor the mirror image of the last ones can see."""
        needed = self._frame * self._plan.frame_step - self._plan.pad_left(self.total)
        mirrored = self.total - 2 * self._plan.span - self._plan.frame_step
        keep = max(min(needed, mirrored), self._base)
        # In pieces of a span, so that not every push copies what is kept.
        if keep - self._base > self._plan.span:
            self._clip, self._base = clip[:, keep - self._base :].copy(), keep
