"""Sessions for the arguments of `view`, of the command and of pages in files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sonogram.audio import Audio
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.obstacles import require_possible
from sonogram.viewer.session import Session, Source

__all__ = ["open_microphone", "open_session"]

_RATE = 16_000  # hertz, of a microphone without a definition


def open_microphone(preset: str | Frontend | Sequence[str | Frontend] | None = None) -> Session:
    """Return a session for the microphone of the page; None chooses a definition for viewing.

    Raises:
        SonogramError: A front end needs the whole clip, or they have different sample rates.
    """
    from sonogram.picture.viewing import viewing_frontend

    frontends = _frontends(preset) or [viewing_frontend(_RATE, 10 * _RATE)]
    for frontend in frontends:
        require_possible(frontend, "stream")
    rates = {frontend.sample_rate for frontend in frontends}
    if len(rates) > 1:
        found = ", ".join(f"{rate:g}" for rate in sorted(rates))
        raise SonogramError(f"front ends for the microphone must have one sample rate; got {found} Hz")
    return Session([], frontends)


def _frontends(preset: str | Frontend | Sequence[str | Frontend] | None) -> list[Frontend]:
    from sonogram import presets

    wanted = [preset] if isinstance(preset, (str, Frontend)) else list(preset or ())
    return [presets.preset(each) if isinstance(each, str) else each for each in wanted]


def open_session(
    source: Source | Sequence[Source],
    preset: str | Frontend | Sequence[str | Frontend] | None = None,
    *,
    labels: str | os.PathLike[str] | None = None,
    verdicts: str | os.PathLike[str] | None = None,
    model: Any = None,
) -> Session:
    """Return a session for the arguments of `view`."""
    sources = [source] if isinstance(source, (str, os.PathLike, Audio)) else list(source)
    frontends = _frontends(preset)
    models = [] if model is None else list(model) if isinstance(model, list | tuple) else [model]
    return Session(
        sources,
        frontends,
        labels=None if labels is None else Path(labels),
        verdicts=None if verdicts is None else Path(verdicts),
        models=models,
    )
