"""Stacking: neighboring frames concatenated into one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sonogram.config import Stage, require

__all__ = ["Stack"]


@dataclass(frozen=True, repr=False)
class Stack(Stage):
    """Concatenation of neighboring frames, which shortens the sequence that a model processes.

    Args:
        size: Number of frames concatenated into one, at least 1. The features have `size` times as
            many bands and one `size`-th of the frames.
        remainder: Frames that do not fill a last stack. "drop" leaves them out, "pad" completes them
            with zeros.

    Example:
        >>> frontend = sg.Frontend(16000, 400, 160, stack=sg.stack.Stack(4))
        >>> frontend.num_frames(16000), frontend.num_bands
        (24, 1028)
    """

    size: int = 2
    remainder: Literal["drop", "pad"] = "drop"

    def validate(self) -> None:
        require(
            isinstance(self.size, int) and self.size >= 1, f"size must be 1 or more frames; got {self.size}"
        )

    def num_frames(self, num_frames: Any) -> Any:
        """Return the number of stacked frames."""
        return (num_frames + (self.size - 1 if self.remainder == "pad" else 0)) // self.size
