"""The originals, grouped as the presets are."""

from __future__ import annotations

from parity.originals import (
    events,
    formulas,
    kaldi,
    libraries,
    madmom,
    music,
    spatial,
    speech,
    transcription,
    voice,
)

__all__ = [
    "events",
    "formulas",
    "kaldi",
    "libraries",
    "madmom",
    "music",
    "spatial",
    "speech",
    "transcription",
    "voice",
]
