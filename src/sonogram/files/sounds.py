"""Sound files in a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from sonogram.errors import SonogramError

__all__ = ["SOUND_ENDINGS", "no_sounds", "sound_files"]

SOUND_ENDINGS = frozenset(
    (
        *(".wav", ".wave", ".rf64", ".w64", ".flac", ".aif", ".aifc", ".aiff", ".au", ".snd", ".caf", ".voc"),
        *(".ogg", ".oga", ".opus", ".mp2", ".mp3", ".aac", ".m4a", ".wma", ".amr"),
        *(".3gp", ".mka", ".mkv", ".mov", ".mp4", ".webm"),
    )
)
"""Endings of sound file names, in lower case; other files in a folder are ignored."""

_Report = Callable[[str, str], None]


def sound_files(folder: Path, on_broken: _Report | None = None) -> Iterator[Path]:
    """Yield the sound files in a folder and below, sorted by path, without hidden ones.

    Links are followed, and each folder is searched once: under its own name if it is below `folder`,
    otherwise under the first link to it. So links that lead in circles end.

    Args:
        folder: The folder.
        on_broken: Called with a path and the reason, one line that names it, for each folder that cannot be
            read, and for each pipe or device with the ending of a sound file; None raises the first reason.

    Raises:
        SonogramError: A folder cannot be read, or a name is that of a pipe or device, and `on_broken` is
            None.
    """
    found: list[Path] = []
    links = [str(folder)]
    seen: set[object] = set()  # a link to a parent of the folder leads out of it
    for parent in Path(os.path.realpath(folder)).parents:
        with suppress(OSError):
            seen.add(_identity(parent))
    while links:
        places = [links.pop(0)]
        while places:
            _search(places.pop(), seen, places, links, found, on_broken or _raise)
        links.sort()
    yield from sorted(found)


def no_sounds(folder: str | os.PathLike[str]) -> SonogramError:
    """Return the error of a folder in which `sound_files` finds none."""
    return SonogramError(f"{folder}: no sound file in this folder; name files with other endings one by one")


def _search(
    place: str, seen: set[object], folders: list[str], links: list[str], found: list[Path], report: _Report
) -> None:
    """Add what one folder holds to the folders, the links to folders, and the sound files."""
    try:
        identity = _identity(place)
        if identity in seen:
            return
        seen.add(identity)
        with os.scandir(place) as entries:
            visible = [entry for entry in entries if not entry.name.startswith(".")]
    except FileNotFoundError:  # nothing can be found in it
        return
    except OSError as error:
        report(place, f"{place}: cannot be read ({error.strerror}); change its permissions")
        return
    for entry in visible:
        if _leads_to_folder(entry):
            (links if entry.is_symlink() else folders).append(entry.path)
        elif os.path.splitext(entry.name)[1].lower() in SOUND_ENDINGS:
            # A link to nothing is an error when it is read.
            if entry.is_file() or not os.path.exists(entry.path):
                found.append(Path(entry.path))
            else:
                report(entry.path, f"{entry.path}: is a pipe or a device; in folders only files are read")


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or into a folder that cannot be searched
        return False


def _identity(place: str | Path) -> object:
    status = os.stat(place)
    return status.st_dev, status.st_ino


def _raise(_: str, reason: str) -> None:
    raise SonogramError(reason)
