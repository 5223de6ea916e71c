"""What a preset is: a definition and what a user must know about it."""

from __future__ import annotations

from dataclasses import dataclass

from sonogram.frontend import Frontend

__all__ = ["Preset"]


@dataclass(frozen=True)
class Preset:
    """A published front end by name."""

    name: str
    """Its name, never changed once released."""
    frontend: Frontend
    """The definition, never changed once released."""
    summary: str
    """What it is, one line."""
    models: str
    """The models that were trained with it."""
    source: str
    """The original that it agrees with."""
    group: str = ""
    """Speech, events, music and so on."""
    notes: str = ""
    """What a user must know: what the original does around it."""
    int16: bool = False
    """Whether the original reads 16-bit integers; here samples are in [-1, 1] all the same."""
    clip_seconds: float | None = None
    """Length of the clips that the models were trained on, where it is fixed."""
