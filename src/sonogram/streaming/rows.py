"""Single frames to rows of features: deltas, normalization and stack of frames that arrive in pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.plan import Plan
from sonogram.normalize import RunningMean

__all__ = ["RowBuffer"]

Values = NDArray[Any]


class _Context:
    """Buffer of the frames before the next row of a stage, for stages that look at neighboring frames.

    Args:
        apply: Computes rows from frames; those at the edges of the array as at the edges of a clip.
        lookback: Frames before a row that it depends on.
        num_complete: Returns how many rows do not depend on frames after the first ones.
    """

    def __init__(
        self, apply: Callable[[Values], Any], lookback: int, num_complete: Callable[[int], int]
    ) -> None:
        self._apply, self._lookback, self._num_complete = apply, lookback, num_complete
        self._frames: Values | None = None  # frames that later rows depend on
        self._base = 0  # number of the first of them
        self._num_rows = 0  # rows returned

    def push(self, frames: Values, *, last: bool) -> Values:
        """Add frames and return the rows that they complete; all of them if these are the last."""
        if self._frames is not None:
            frames = np.concatenate([self._frames, frames], axis=1)
        total = self._base + frames.shape[1]
        complete = total if last else self._num_complete(total)
        first = self._num_rows - self._base
        rows = self._apply(frames)[:, first : max(complete - self._base, first)]
        self._num_rows += rows.shape[1]
        base = max(self._num_rows - self._lookback, 0)
        self._frames, self._base = frames[:, base - self._base :], base
        return np.asarray(rows)


class RowBuffer:
    """Buffer of the frames that later rows depend on; returns rows when they are complete.

    Args:
        plan: The plan. Its normalization must not depend on the clip.
        arrays: Array namespace.
    """

    def __init__(self, plan: Plan, arrays: NumPy) -> None:
        self._plan, self._arrays = plan, arrays
        deltas, normalize = plan.definition.deltas, plan.definition.normalize
        self._contexts = []
        if deltas is not None:
            apply = partial(deltas.apply, self._arrays)
            self._contexts.append(_Context(apply, deltas.lookback, deltas.num_complete))
        if normalize is not None:
            context = _Context(self._normalize, normalize.lookback or 0, normalize.num_complete)
            self._contexts.append(context)
        self._mean: Values | None = None  # running mean, (channels, bands)
        self._stack_frames: Values | None = None  # frames of rows that are not complete
        self._num_frames = self._num_rows = 0

    def push(self, frames: Values) -> Values:
        """Add the next frames and return the rows that they complete.

        Args:
            frames: `(channels, frames, bands)`.
        """
        self._num_frames += frames.shape[1]
        return self._rows_of(frames, last=False)

    def finish(self, frames: Values, num_rows: int) -> Values:
        """Add the last frames and return the remaining rows; those after the valid frames are 0.

        Args:
            frames: `(channels, frames, bands)`.
            num_rows: Number of rows of the whole clip.
        """
        self._num_frames += frames.shape[1]
        rows = self._rows_of(frames, last=True)
        return np.pad(rows, ((0, 0), (0, num_rows - self._num_rows), (0, 0)))

    def _rows_of(self, frames: Values, *, last: bool) -> Values:
        """Return the rows that frames complete: with derivatives, normalized, stacked."""
        for context in self._contexts:
            frames = context.push(frames, last=last)
        return self._stack(frames, last=last)

    def _normalize(self, frames: Values) -> Values:
        rule = self._plan.definition.normalize
        assert rule is not None
        if not isinstance(rule, RunningMean):
            return np.asarray(rule.apply(self._arrays, frames, None, self._plan.tolerance))
        if frames.shape[1]:
            means = rule.means(self._arrays, frames, self._mean)
            self._mean = means[:, -1]
            frames = rule.subtract(frames, means)
        return frames

    def _stack(self, frames: Values, *, last: bool) -> Values:
        rule = self._plan.definition.stack
        if rule is None:
            self._num_rows += frames.shape[1]
            return frames
        if self._stack_frames is not None:
            frames = np.concatenate([self._stack_frames, frames], axis=1)
        elif frames.shape[1]:
            before = rule.before
            frames = self._arrays.extend_frames(frames, before, 0, None, repeat=rule.edges == "repeat")
        # The frames before the clip are in the buffer, so a row begins where the buffer does.
        inner = replace(rule, before=0, remainder=rule.remainder if last else "drop")
        rows = np.asarray(inner.apply(self._arrays, frames))
        if last:
            rows = rows[:, : rule.num_frames(self._num_frames) - self._num_rows]
        self._num_rows += rows.shape[1]
        self._stack_frames = frames[:, rows.shape[1] * rule.stride :] if frames.shape[1] else None
        return rows
