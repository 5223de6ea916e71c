"""Published front ends by name. Data, never edited once released."""

from __future__ import annotations

import dataclasses
from functools import cache

from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.presets.preset import Preset

__all__ = ["Preset", "describe", "preset", "preset_names"]


@cache
def _presets() -> dict[str, Preset]:
    from sonogram.presets import events, kaldi, libraries, music, speech

    groups = {
        "speech recognition": speech.PRESETS,
        "Kaldi": kaldi.PRESETS,
        "libraries": libraries.PRESETS,
        "sound events": events.PRESETS,
        "music": music.MUSIC,
        "vocoders and synthesis": music.VOCODERS,
    }
    grouped = [
        dataclasses.replace(preset, group=group) for group, presets in groups.items() for preset in presets
    ]
    return {preset.name: preset for preset in grouped}


def preset_names() -> tuple[str, ...]:
    """Return the names of all presets, group by group."""
    return tuple(_presets())


def describe(name: str) -> Preset:
    """Return the preset of that name with what a user must know about it.

    Raises:
        SonogramError: There is none; the message names the nearest ones.
    """
    if name in _presets():
        return _presets()[name]
    import difflib

    near = difflib.get_close_matches(str(name), _presets(), n=3, cutoff=0.4)
    hint = f"did you mean {', '.join(near)}?" if near else "sonogram presets lists them"
    raise SonogramError(f"there is no preset {name!r}; {hint}")


def preset(name: str) -> Frontend:
    """Return the definition of a published front end.

    Args:
        name: One of `preset_names()`.

    Raises:
        SonogramError: There is no preset of that name.

    Example:
        >>> sg.preset("whisper-80").num_bands
        80
    """
    return describe(name).frontend
