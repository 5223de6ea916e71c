"""Sound files in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["SOUND_ENDINGS", "sound_files"]

SOUND_ENDINGS = frozenset(
    (
        *(".wav", ".wave", ".rf64", ".w64", ".flac", ".aif", ".aifc", ".aiff", ".au", ".snd", ".caf", ".voc"),
        *(".ogg", ".oga", ".opus", ".mp2", ".mp3", ".aac", ".m4a", ".wma", ".amr"),
        *(".3gp", ".mka", ".mkv", ".mov", ".mp4", ".webm"),
    )
)
"""Endings of sound file names, in lower case; other files in a folder are ignored."""


def sound_files(folder: Path) -> Iterator[Path]:
    """Yield the sound files in a folder and below, sorted by path, without hidden ones."""
    found = []
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not (name.startswith(".") or _is_loop(place, name))]
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in SOUND_ENDINGS:
                found.append(Path(place, name))
    yield from sorted(found)


def _is_loop(place: str, name: str) -> bool:
    """Whether a folder is a link to one of its own parents: following it would never end."""
    path = os.path.join(place, name)
    return os.path.islink(path) and f"{os.path.realpath(place)}{os.sep}".startswith(
        os.path.join(os.path.realpath(path), "")
    )
