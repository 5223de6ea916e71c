"""Published front ends by name, with the same numbers as their originals.

The definition of a preset never changes once it is released.
"""

from __future__ import annotations

import difflib
import os
from dataclasses import replace
from functools import cache
from typing import cast

from sonogram.bundle import Composite
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.micro import MicroFrontend
from sonogram.peers import with_known_keywords
from sonogram.presets.file import names_file, read
from sonogram.presets.preset import Preset

__all__ = [
    "Preset",
    "bundle_preset_names",
    "describe",
    "find",
    "micro_preset_names",
    "preset",
    "preset_names",
]


@cache
def _presets() -> dict[str, Preset]:
    from sonogram.presets import events, kaldi, libraries, music, separation, speech, vocoders, voice

    groups = {
        "speech recognition": speech.PRESETS,
        "Kaldi": kaldi.PRESETS,
        "libraries": libraries.PRESETS,
        "sound events": events.PRESETS,
        "speakers and speech quality": voice.PRESETS,
        "music": (*music.PRESETS, *separation.PRESETS),
        "vocoders and synthesis": vocoders.PRESETS,
    }
    return {each.name: replace(each, group=group) for group, members in groups.items() for each in members}


@cache
def _micro_presets() -> dict[str, Preset]:
    from sonogram.presets import micro

    return {each.name: replace(each, group="microcontrollers") for each in micro.PRESETS}


@cache
def _bundle_presets() -> dict[str, Preset]:
    from sonogram.presets import bundles

    return {each.name: replace(each, group="several resolutions and channels") for each in bundles.PRESETS}


def _every_preset() -> dict[str, Preset]:
    return {**_presets(), **_micro_presets(), **_bundle_presets()}


def preset_names() -> tuple[str, ...]:
    """Return the names of all presets that are a `Frontend`, group by group.

    Example:
        >>> "whisper-80" in sg.preset_names()
        True

    See Also:
        `sonogram.preset`, `sonogram.presets.describe`, `sonogram.presets.micro_preset_names`.
    """
    return tuple(_presets())


def micro_preset_names() -> tuple[str, ...]:
    """Return the names of the presets that are a `MicroFrontend`: integers, for microcontrollers.

    They are apart from the others because a layer or an engine takes floating point alone.

    Example:
        >>> sg.presets.micro_preset_names()
        ('micro-speech', 'microwakeword')

    See Also:
        `sonogram.preset_names`, the names of all others.
    """
    return tuple(_micro_presets())


def bundle_preset_names() -> tuple[str, ...]:
    """Return the names of the presets that are a `Bundle`: several resolutions, or several channels.

    They are apart from the others because training, the viewer and the inverse take a `Frontend` alone.

    Example:
        >>> sg.presets.bundle_preset_names()[:2]
        ('madmom-rnn-beat', 'madmom-onset-cnn')

    See Also:
        `sonogram.preset_names`, the names of all others.
    """
    return tuple(_bundle_presets())


def describe(name: str) -> Preset:
    """Return a preset with its origin, the models that use it and what to do around it.

    Args:
        name: One of `preset_names()`, `micro_preset_names()` or `bundle_preset_names()`.

    Raises:
        SonogramError: There is no preset of that name. The message lists the most similar names.

    Example:
        >>> sg.presets.describe("whisper-80").models
        'Whisper tiny to large-v2'

    See Also:
        `sonogram.preset`, which returns the definition alone.
    """
    known = _every_preset()
    found = known.get(name)
    if found is None:
        near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.4)
        hint = f"did you mean {', '.join(near)}?" if near else "sonogram presets lists them"
        raise SonogramError(f"there is no preset {name!r}; {hint}")
    return found


def find(frontend: Frontend | MicroFrontend | Composite) -> Preset | None:
    """Return the preset whose definition equals `frontend`; None if there is none.

    Args:
        frontend: Definition to look for.

    Returns:
        The first of several presets with one definition, in the order of `preset_names()`,
        `micro_preset_names()` and `bundle_preset_names()`.

    Example:
        >>> restored = sg.Frontend.from_dict(sg.preset("whisper-80").to_dict())
        >>> sg.presets.find(restored).name
        'whisper-80'

    See Also:
        `sonogram.presets.describe`, which finds a preset by its name.
    """
    return next((each for each in _every_preset().values() if each.frontend == frontend), None)


@with_known_keywords
def preset(name: str | os.PathLike[str]) -> Frontend:
    """Return the definition of a published front end, or one of your own from a JSON file.

    Args:
        name: One of `preset_names()`; or of `presets.micro_preset_names()`, which returns a
            `MicroFrontend`; or of `presets.bundle_preset_names()`, which returns a `Bundle`; or the path of
            a file that holds the JSON of `frontend.to_dict()`, as `sonogram presets NAME --json` prints it.

    Returns:
        The definition; `replace` returns a copy with other values.

    Raises:
        SonogramError: There is no preset of that name (the message lists the most similar names), or the
            file does not hold a valid definition.

    Example:
        >>> sg.preset("whisper-80").num_bands
        80
        >>> sg.preset("whisper-80").replace(bands__num_mel_bins=64).num_bands
        64

    See Also:
        `sonogram.presets.describe`, which adds the origin and the models. `Frontend.replace`.
    """
    if not isinstance(name, str | os.PathLike):
        raise SonogramError(f"a preset is named by a text, or by the path of a file; got {name!r:.60}")
    text = os.fspath(name)
    found = read(text) if text not in _every_preset() and names_file(text) else describe(text).frontend
    return cast(Frontend, found)  # another class for few names: a union would burden all others
