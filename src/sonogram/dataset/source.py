"""From what lies on disk to clips: a folder of class folders, or a CSV manifest."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from sonogram.dataset.clips import Clip, Clips
from sonogram.errors import SonogramError

__all__ = ["SOUND_ENDINGS", "Data", "clips", "sound_files"]

Data: TypeAlias = Clips | str | os.PathLike[str]
"""A data set: clips, a folder of class folders, or a CSV manifest."""

SOUND_ENDINGS = frozenset(
    (
        *(".wav", ".wave", ".rf64", ".w64", ".flac", ".aif", ".aifc", ".aiff", ".au", ".snd", ".caf", ".voc"),
        *(".ogg", ".oga", ".opus", ".mp2", ".mp3", ".aac", ".m4a", ".wma", ".amr"),
        *(".3gp", ".mka", ".mkv", ".mov", ".mp4", ".webm"),
    )
)
"""What the name of a sound file ends with; other files in a folder are not sound, and are passed by."""

_MANIFEST = "manifest.csv"


def clips(data: Data) -> Clips:
    """What a folder or a manifest holds. No sound file is opened.

    Args:
        data: A folder whose folders are the classes, with sound files at any depth below; or a CSV
            manifest with the columns `path` (relative to it) and `label`, and optionally `group` and
            `split`. A folder with a `manifest.csv` in it is read by that. Clips are given back.

    Returns:
        The clips, in the order of their paths, or of the manifest's lines.

    Raises:
        SonogramError: There is nothing there, or it holds no clip; a line of the manifest is not whole.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> for name in ("cat/1.wav", "dog/1.wav", "dog/2.flac"):
        ...     (folder / name).parent.mkdir(exist_ok=True)
        ...     (folder / name).touch()
        >>> clips(folder)
        Clips(3 clips, 2 classes)
    """
    if isinstance(data, Clips):
        return data
    if not isinstance(data, str | os.PathLike):
        raise SonogramError(
            f"a data set is a folder of class folders, a CSV manifest or Clips, not {type(data).__name__}"
        )
    place = Path(data)
    if place.is_dir():
        return _manifest(place / _MANIFEST) if (place / _MANIFEST).is_file() else _folder(place)
    if place.is_file():
        return _manifest(place)
    raise SonogramError(f"{place}: no such folder or manifest; check the path")


def sound_files(folder: Path) -> Iterator[Path]:
    """The sound files in a folder and below, sorted by path; hidden ones are left out."""
    found = []
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not (name.startswith(".") or _leads_up(place, name))]
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in SOUND_ENDINGS:
                found.append(Path(place, name))
    yield from sorted(found)


def _leads_up(place: str, name: str) -> bool:
    """Whether a folder is a link to one that it lies in: whoever follows it comes back here."""
    path = os.path.join(place, name)
    return os.path.islink(path) and f"{os.path.realpath(place)}{os.sep}".startswith(
        os.path.join(os.path.realpath(path), "")
    )


def _folder(folder: Path) -> Clips:
    classes = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    found = [Clip(str(path), entry.name) for entry in classes for path in sound_files(entry)]
    if not found:
        raise SonogramError(
            f"{folder}: holds no sound in class folders; put the sounds of each class into a folder "
            "named for it, or name a CSV manifest"
        )
    return Clips(found)


def _manifest(path: Path) -> Clips:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = reader.fieldnames or []
            if missing := [name for name in ("path", "label") if name not in columns]:
                raise SonogramError(
                    f"{path}: the manifest lacks the column {' and '.join(missing)}; its first line must "
                    f"name path,label and optionally group and split; it is {','.join(columns)[:80]!r}"
                )
            found = [_clip(path, reader.line_num, row) for row in reader]
    except OSError as error:
        raise SonogramError(f"{path}: cannot be read ({error.strerror}); check it") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise SonogramError(f"{path}: not a CSV file in UTF-8 ({error}); export it again") from None
    if not found:
        raise SonogramError(f"{path}: the manifest lists no clip; add a line path,label for each")
    spelled: dict[str, str] = {}
    for clip in found:
        other = spelled.setdefault(os.path.abspath(clip.path), clip.path)
        if other != clip.path:
            raise SonogramError(f"{path}: {other} and {clip.path} are one file; list it once")
    try:
        return Clips(found)
    except SonogramError as error:
        raise SonogramError(f"{path}: {error}") from None


def _clip(manifest: Path, line: int, row: dict[str, str | None]) -> Clip:
    path, label, group, split = (
        (row.get(name) or "").strip() or None for name in ("path", "label", "group", "split")
    )
    if path is None or label is None:
        raise SonogramError(
            f"{manifest}, line {line}: the {'path' if path is None else 'label'} is empty; fill it in"
        )
    return Clip(str(manifest.parent / path), label, group, split)
