"""Stacking: neighboring frames concatenated into one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sonogram.config import Config, choose, require

__all__ = ["Stack"]


@dataclass(frozen=True, repr=False)
class Stack(Config):
    """Neighboring frames side by side as one."""

    size: int = 2
    """Frames in one."""
    remainder: Literal["drop", "pad"] = "drop"
    """Frames left over at the end: dropped, or completed with zeros ("pad")."""

    def validate(self) -> None:
        choose("remainder", self.remainder, ("drop", "pad"))
        require(
            isinstance(self.size, int) and self.size >= 1, f"size must be 1 or more frames; got {self.size}"
        )

    def num_frames(self, num_frames: Any) -> Any:
        """Return the number of stacked frames."""
        return (num_frames + (self.size - 1 if self.remainder == "pad" else 0)) // self.size
