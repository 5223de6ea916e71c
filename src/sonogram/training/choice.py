"""The front end and the networks, where a plan leaves them open: what suits the clips."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from sonogram.audio import info
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.presets import preset

__all__ = ["CANDIDATES", "frontend_for", "network_for"]

_SPEECH, _TIMBRE = "yamnet", "panns-32k"
CANDIDATES = (_SPEECH, _TIMBRE)
"""The presets that are chosen from."""
_ASKED = 200
"""Files whose sample rate is looked up; of more, so many from all over the list."""
_NETWORKS = ("cnn", "crnn", "cnn")
"""Of two kinds: they are wrong about different clips."""
_WORTH = (200, 1000)
"""Clips up to which a third and a second network are trained, in minutes still."""


def frontend_for(center: str | None, paths: Sequence[str]) -> Frontend:
    """Return a front end of 16 kHz, or of 32 kHz where a sound is known by its timbre and the files have it.

    What moves, as speech does, lies below 8 kHz. Cymbals are told apart above it, and drums below 125 Hz.

    Args:
        center: What gets mean 0, as tried on the clips; None where it was not tried.
        paths: Files of sound.
    """
    timbre = preset(_TIMBRE)
    if center != "clip" or _sample_rate(paths) < timbre.sample_rate:
        return preset(_SPEECH)
    return timbre


def network_for(num_clips: int) -> str:
    """Return the networks that are worth their time for so many clips: three, then two, then one."""
    return "+".join(_NETWORKS[: 1 + sum(num_clips <= most for most in _WORTH)])


def _sample_rate(paths: Sequence[str]) -> float:
    """The median of the files, hertz."""
    found = []
    for path in paths[:: -(-len(paths) // _ASKED)]:
        try:
            found.append(info(path).sample_rate)
        except SonogramError:
            continue  # who reads it tells
    return statistics.median(found) if found else 0.0
