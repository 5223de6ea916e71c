"""Single frames to rows of features: deltas, normalization and stack of frames that arrive in pieces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.plan import Plan

__all__ = ["RowBuffer"]

_XP = NumPy()

Values = NDArray[Any]


class RowBuffer:
    """Buffer of the frames that later rows depend on; returns rows when they are complete.

    Args:
        plan: The plan. Its normalization must not depend on the clip.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._delta_frames: Values | None = None  # frames whose derivatives later rows need
        self._delta_base = 0  # number of the first of them
        self._num_deltas = 0  # frames returned with their derivatives
        self._stack_frames: Values | None = None  # frames of rows that are not complete
        self._num_frames = self._num_rows = 0

    def push(self, frames: Values) -> Values:
        """Add the next frames and return the rows that they complete.

        Args:
            frames: `(channels, frames, bands)`.
        """
        self._num_frames += frames.shape[1]
        return self._stack(self._normalize(self._append_deltas(frames, last=False)), last=False)

    def finish(self, frames: Values, num_rows: int) -> Values:
        """Add the last frames and return the remaining rows; those after the valid frames are 0.

        Args:
            frames: `(channels, frames, bands)`.
            num_rows: Number of rows of the whole clip.
        """
        self._num_frames += frames.shape[1]
        rows = self._stack(self._normalize(self._append_deltas(frames, last=True)), last=True)
        return np.pad(rows, ((0, 0), (0, num_rows - self._num_rows), (0, 0)))

    def _append_deltas(self, frames: Values, *, last: bool) -> Values:
        rule = self._plan.definition.deltas
        if rule is None:
            return frames
        if self._delta_frames is not None:
            frames = np.concatenate([self._delta_frames, frames], axis=1)
        complete = self._num_frames if last else rule.num_complete(self._num_frames)
        first = self._num_deltas - self._delta_base
        result = rule.apply(_XP, frames)[:, first : max(complete - self._delta_base, first)]
        self._num_deltas += result.shape[1]
        # A derivative looks back as far as ahead; with twice that, the edge of the buffer is no edge of the
        # clip for the last rows either, which may repeat the last one that is complete.
        base = max(self._num_deltas - 2 * rule.lookahead, 0)
        self._delta_frames, self._delta_base = frames[:, base - self._delta_base :], base
        return np.asarray(result)

    def _normalize(self, frames: Values) -> Values:
        rule = self._plan.definition.normalize
        return frames if rule is None else np.asarray(rule.apply(_XP, frames, None, self._plan.tolerance))

    def _stack(self, frames: Values, *, last: bool) -> Values:
        rule = self._plan.definition.stack
        if rule is None:
            self._num_rows += frames.shape[1]
            return frames
        if self._stack_frames is not None:
            frames = np.concatenate([self._stack_frames, frames], axis=1)
        elif frames.shape[1]:
            before = rule.before
            frames = _XP.extend_frames(frames, before, 0, None, repeat=rule.edges == "repeat")
        # The frames before the clip are in the buffer, so a row begins where the buffer does.
        inner = replace(rule, before=0, remainder=rule.remainder if last else "drop")
        rows = np.asarray(inner.apply(_XP, frames))
        if last:
            rows = rows[:, : rule.num_frames(self._num_frames) - self._num_rows]
        self._num_rows += rows.shape[1]
        self._stack_frames = frames[:, rows.shape[1] * rule.stride :] if frames.shape[1] else None
        return rows
