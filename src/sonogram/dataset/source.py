"""From what lies on disk to clips: a folder of class folders, or a CSV manifest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from sonogram.dataset.clips import Clip, Clips
from sonogram.dataset.events import (
    are_events,
    has_times,
    labeled_clips,
    manifest_clips,
    share_of_labeled,
)
from sonogram.dataset.published import NOISE, has_published_lists, speaker, speech_commands
from sonogram.dataset.report import DatasetReport
from sonogram.errors import SonogramError
from sonogram.files import manifest_columns, read_manifest, sound_files

__all__ = ["Data", "clips"]

Data: TypeAlias = Clips | str | os.PathLike[str]
"""A data set: clips, a folder of class folders, or a CSV manifest."""

_MANIFEST = "manifest.csv"


def clips(data: Data, report: DatasetReport | None = None) -> Clips:
    """Return the clips of a folder or a manifest. No sound file is opened.

    Args:
        data: Folder of class folders, with sound files at any depth below; or a CSV manifest with the columns
            `path` (relative to the manifest) and `label`, and optionally `group` and `split`. With `text`
            instead of `label` the clips are for speech recognition. With times in the columns `start` and
            `end`, seconds, each row is an event in a recording, for event detection. Audacity label tracks
            and Raven selection tables are read too, if most recordings of a folder have one next to them. In
            a folder with a `manifest.csv`, the manifest is read. `Clips` are returned unchanged. In a folder
            as of Speech Commands, files named `<speaker>_nohash_<n>` have the speaker as group, the lists of
            validation and test clips are the split, and `_background_noise_` is no class.
        report: Collects folders that cannot be read; None raises at the first one.

    Returns:
        Clips, in the order of their paths or of the lines of the manifest.

    Raises:
        SonogramError: The path does not exist or holds no clip, or a line of the manifest is incomplete.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> for name in ("cat/1.wav", "dog/1.wav", "dog/2.flac"):
        ...     (folder / name).parent.mkdir(exist_ok=True)
        ...     (folder / name).touch()
        >>> clips(folder)
        Clips(3 clips, 2 classes)

    See Also:
        split: training and validation sets. batches: clips as training batches.
    """
    if isinstance(data, Clips):
        return data
    if not isinstance(data, str | os.PathLike):
        raise SonogramError(
            f"a data set is a folder of class folders, a CSV manifest or Clips, not {type(data).__name__}"
        )
    if not os.fspath(data):
        raise SonogramError("the name of the data set is empty; name a folder, such as . for this one")
    place = Path(data)
    if place.is_dir():
        return _manifest(place / _MANIFEST) if (place / _MANIFEST).is_file() else _folder(place, report)
    if place.is_file():
        return _manifest(place)
    raise SonogramError(f"{place}: no such folder or manifest; check the path")


def _folder(folder: Path, report: DatasetReport | None) -> Clips:
    if has_published_lists(folder):
        return speech_commands(folder)
    paths = list(sound_files(folder, None if report is None else report.note))
    if events := labeled_clips(folder, paths, None if report is None else report.note):
        return Clips(events)
    labels = [path.relative_to(folder).parts[:-1] for path in paths]
    found = [
        Clip(str(path), label[0], speaker(path.name))
        for path, label in zip(paths, labels, strict=True)
        if label and label[0] != NOISE
    ]
    if not found:
        raise SonogramError(
            f"{folder}: holds no sound in class folders; put the sounds of each class into a folder "
            f"named for it, or name a CSV manifest{share_of_labeled(paths)}"
        )
    return Clips(found)


def _manifest(path: Path) -> Clips:
    columns = manifest_columns(path)
    has_text = "text" in columns and "label" not in columns
    if len(times := {"start", "end"} & {*columns}) == 1 and "label" in columns:
        (present,) = times
        absent = "end" if present == "start" else "start"
        raise SonogramError(
            f"{path}: has the column {present} and not {absent}; add it, empty where it is not known, or "
            f"leave {present} out"
        )
    if {"start", "end", "label"} <= {*columns}:
        rows = read_manifest(path, ("path",), ("start", "end", "label", "group", "split"))
        if are_events(rows):
            return _checked(path, manifest_clips(path, rows))
    required = ("path",) if has_text else ("path", "label")
    rows = read_manifest(path, required, ("text", "start", "end", "group", "split"))
    if has_text and has_times(rows):
        line = next(row.line for row in rows if has_times([row]))
        raise SonogramError(
            f"{path}, line {line}: a text is of a whole recording, and this one has a start or an end; cut "
            "the recordings with sonogram.load(path, offset=start, duration=end - start) and sonogram.save, "
            "list the parts, and leave both columns out"
        )
    found = [
        Clip(
            str(path.parent / values["path"]),
            values.get("label", ""),
            values.get("group"),
            values.get("split"),
            values.get("text", "") if has_text else None,
        )
        for _, values in rows
    ]
    return _checked(path, found)


def _checked(path: Path, found: list[Clip]) -> Clips:
    """Return the clips of a manifest, each of another file."""
    spelled: dict[str, str] = {}
    for clip in found:
        other = spelled.setdefault(os.path.abspath(clip.path), clip.path)
        if other != clip.path:
            raise SonogramError(f"{path}: {other} and {clip.path} are one file; list it once")
    try:
        return Clips(found)
    except SonogramError as error:
        raise SonogramError(f"{path}: {error}") from None
