"""Stacking: neighboring frames concatenated into one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sonogram.config import Stage, require

__all__ = ["Stack"]


@dataclass(frozen=True, repr=False)
class Stack(Stage):
    """Concatenation of neighboring frames: context for a model, or a shorter sequence for it to process.

    Args:
        size: Number of frames concatenated into one row, at least 1.
        remainder: Rows that reach beyond the last frame. "drop" leaves them out, "pad" completes them, so
            that there is a row for each step.
        step: Frames from one row to the next, at most `size`; None is `size`, without overlap. 1 keeps the
            number of frames.
        before: Frames of the first row that lie before the clip, less than `size`. Half the size centers
            each row on a frame.
        edges: What stands beyond the ends of the clip: frames of "zero", or the first and last frame
            ("repeat").
        layout: Order of the values in a row: frame by frame ("frames"), or the values of all frames band by
            band ("bands").

    Example:
        >>> frontend = sg.Frontend(16000, 400, 160, stack=sg.stack.Stack(4))
        >>> frontend.num_frames(16000), frontend.num_bands
        (24, 1028)
        >>> context = sg.stack.Stack(11, "pad", step=1, before=5)  # five frames on each side
        >>> sg.Frontend(16000, 400, 160, stack=context).num_frames(16000)
        98
    """

    size: int = 2
    remainder: Literal["drop", "pad"] = "drop"
    step: int | None = None
    before: int = 0
    edges: Literal["zero", "repeat"] = "zero"
    layout: Literal["frames", "bands"] = "frames"

    def validate(self) -> None:
        require(
            isinstance(self.size, int) and self.size >= 1, f"size must be 1 or more frames; got {self.size}"
        )
        require(
            self.step is None or (isinstance(self.step, int) and 1 <= self.step <= self.size),
            f"step must be from 1 frame to the size ({self.size}), or None; got {self.step}",
        )
        require(
            isinstance(self.before, int) and 0 <= self.before < self.size,
            f"before must be from 0 frames to less than the size ({self.size}); got {self.before}",
        )

    @property
    def stride(self) -> int:
        """Frames from one row to the next, also where `step` is None."""
        return self.step or self.size

    def num_frames(self, num_frames: Any) -> Any:
        """Return the number of rows, for a Python integer or an array."""
        if self.remainder == "pad":
            return (num_frames + self.stride - 1) // self.stride
        rows = (num_frames + self.before - self.size + self.stride) // self.stride
        # The larger of it and 0, in operations that integers and tensors share.
        return (rows + abs(rows)) // 2

    def num_complete(self, num_frames: int) -> int:
        """Return how many rows do not depend on frames after the first `num_frames`."""
        return max((num_frames + self.before - self.size) // self.stride + 1, 0)

    def apply(self, xp: Any, values: Any, valid: Any = None) -> Any:
        """Return rows, `(batch, rows, size * bands)`, of frames, `(batch, frames, bands)`.

        Args:
            xp: Array namespace.
            values: Frames, 0 after the valid ones.
            valid: Number of frames that hold features, `(batch,)`; None is all.
        """
        frames, bands = xp.size(values, -2), xp.size(values, -1)
        rows = self.num_frames(frames)
        # One row more than there is, cropped away again: LiteRT cannot reshape to a size of 0.
        covered = rows * self.stride + self.size
        after = 2 * self.size + self.stride
        values = xp.extend_frames(values, self.before, after, valid, repeat=self.edges == "repeat")
        flat = xp.reshape(xp.crop(values, 0, covered, -2), (xp.size(values, -3), covered * bands))
        stacked = xp.frame(flat, self.size * bands, self.stride * bands, rows + 1)
        if self.layout == "bands":
            order = np.arange(self.size * bands).reshape(self.size, bands).T.ravel()
            stacked = xp.take(stacked, xp.integers(order, values))
        # LiteRT cannot end with a slice of size 0. The maximum changes no value and is not folded away.
        return xp.maximum(xp.crop(stacked, 0, rows, -2), -math.inf)
