"""Pieces of a clip to compressed bands: the part of a stream that computes each frame alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.engines import frames_engine
from sonogram.engines.plan import Plan
from sonogram.engines.samples import check_axes
from sonogram.errors import SonogramError
from sonogram.samples import check_dtype

__all__ = ["CompressedBands", "Pieces"]

CompressedBands = tuple[NDArray[Any], NDArray[Any] | None]
"""Compressed bands, `(channels, frames, bands)`, and log energies, `(channels, frames, 1)`, if any."""


class Pieces:
    """Buffer of the samples that later frames cover; returns frames when they are complete.

    Args:
        plan: The plan. Its padding must not depend on the length, and no mean of the clip be removed.
        engine: "numpy" or "native"; None chooses.
    """

    def __init__(self, plan: Plan, engine: str | None) -> None:
        self._plan = plan
        self._frames, self._dtype, self.arrays = frames_engine(engine)
        """Array namespace of the engine, for the stages that follow."""
        self._clip: NDArray[Any] | None = None  # conditioned samples, (channels, samples)
        self._base = 0  # position of the first buffered sample in the clip
        self._last: NDArray[Any] | None = None  # last raw samples, for a pre-emphasis over the clip
        self._frame = 0  # number of the next frame
        self.flat = False
        """Whether the samples have no axis of channels."""

    @property
    def total(self) -> int:
        """Number of conditioned samples so far."""
        return 0 if self._clip is None else self._base + self._clip.shape[1]

    def push(self, samples: ArrayLike) -> CompressedBands:
        """Add the next samples and return the frames that they complete.

        Args:
            samples: `(samples,)` or `(channels, samples)`.
        """
        self._append(np.asarray(samples))
        return self._next_frames(self._num_complete())

    def finish(self) -> CompressedBands:
        """Return the remaining frames, which extend beyond the end of the clip."""
        return self._next_frames(self._plan.num_valid_frames(self.total))

    def _append(self, samples: NDArray[Any]) -> None:
        flat = samples.ndim == 1
        if samples.ndim not in (1, 2) or (self._clip is not None and self.flat != flat):
            raise SonogramError(
                f"a stream takes (samples,) or (channels, samples), not both; got {samples.shape}"
            )
        check_dtype(samples.dtype.name)
        check_axes(self._plan.definition, samples.shape)
        rows = self.arrays.samples(samples.reshape(1, -1) if flat else samples)
        if self._clip is None:
            self._clip, self.flat = np.zeros((len(rows), 0), self._dtype), flat
        if len(rows) != len(self._clip):
            raise SonogramError(f"this stream has {len(self._clip)} channels; got {len(rows)}")
        if not rows.shape[1]:
            return
        added, _ = self._plan.definition.conditioning.apply(self.arrays, rows, None, self._last)
        self._last = rows[:, -1].copy()
        self._clip = np.concatenate([self._clip, added.astype(self._dtype)], axis=1)

    def _num_complete(self) -> int:
        """Return how many frames do not depend on the samples to come."""
        pad_left = self._plan.pad_left(self.total)
        inside = (self.total + pad_left - self._plan.frame_length) // self._plan.frame_step + 1
        if self._plan.definition.padding.mode != "constant" and self.total <= pad_left:
            return self._frame  # the samples mirrored before the clip are not all there
        return int(max(self._frame, min(inside, self._plan.num_valid_frames(self.total))))

    def _next_frames(self, stop: int) -> CompressedBands:
        if self._clip is None:
            return np.zeros((0, 0, self._plan.num_filters), self._dtype), None
        count = max(stop - self._frame, 0)
        bands = [
            self._frames(self._plan, row, self._frame, count, self._base, self.total) for row in self._clip
        ]
        self._frame += count
        self._drop_used(self._clip)
        values = np.asarray([each[0] for each in bands]).reshape(len(bands), count, self._plan.num_filters)
        energy = np.asarray([each[1] for each in bands]) if bands and bands[0][1] is not None else None
        return values, energy

    def _drop_used(self, clip: NDArray[Any]) -> None:
        """Drop the samples that neither the next frame nor the mirror at the end of the clip needs."""
        needed = self._frame * self._plan.frame_step - self._plan.pad_left(self.total)
        mirrored = self.total - 2 * self._plan.span - self._plan.frame_step
        first = max(min(needed, mirrored), self._base)
        # Only when there is a whole span to drop, so that not every push copies the buffer.
        if first - self._base > self._plan.span:
            self._clip, self._base = clip[:, first - self._base :].copy(), first
