"""Recordings with sound events: manifests with the columns start, end and label, and label files."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from sonogram.dataset.clips import Clip, Span
from sonogram.errors import SonogramError
from sonogram.files import LabelFile, ManifestRow, label_files, labels_of, read_labels

__all__ = ["are_events", "has_times", "labeled_clips", "manifest_clips", "share_of_labeled"]


def has_times(rows: Sequence[ManifestRow]) -> bool:
    """Return whether any row of a manifest has a start or an end.

    The columns alone do not decide: a table of whole recordings may have them, empty.
    """
    return any("start" in values or "end" in values for _, values in rows)


def are_events(rows: Sequence[ManifestRow]) -> bool:
    """Return whether the rows of a manifest are events: any has a time, or none a label."""
    return has_times(rows) or not any("label" in values for _, values in rows)


def manifest_clips(path: Path, rows: Sequence[ManifestRow]) -> list[Clip]:
    """Return the recordings of a manifest with one row for each event.

    Without a start an event begins with the recording, and without an end it ends with it. A row with neither
    times nor a label states that the recording has no events.

    Args:
        path: The manifest.
        rows: Its rows, with the columns path, start, end, label, group and split.

    Raises:
        SonogramError: A time is invalid or lacks its label, or the rows of a recording have several groups or
            splits. The message names the line.
    """
    events: dict[str, list[Span]] = {}
    first: dict[str, ManifestRow] = {}
    for row in rows:
        line, values = row
        name = str(Path(values["path"]))  # ./a.wav is a.wav; link/../a.wav may be another file
        before = first.setdefault(name, row)
        for column in ("group", "split"):
            if values.get(column) != before.values.get(column):
                one, other = (each.values.get(column, "") for each in (before, row))
                raise SonogramError(
                    f"{path}, line {line}: the {column} of {name} is {one!r} in line {before.line} and "
                    f"{other!r} here; write one"
                )
        try:
            events.setdefault(name, []).extend(_event(values))
        except SonogramError as error:
            raise SonogramError(f"{path}, line {line}: {error}") from None
    return [
        Clip(
            str(path.parent / name),
            "",
            first[name].values.get("group"),
            first[name].values.get("split"),
            events=tuple(sorted(spans)),
        )
        for name, spans in events.items()
    ]


def _event(values: dict[str, str]) -> list[Span]:
    """Return the event of a row, none if it has neither times nor a label."""
    label, start, end = (values.get(column, "") for column in ("label", "start", "end"))
    if not (label or start or end):
        return []
    if not label:
        raise SonogramError("the label is empty; fill it in, or leave the times out if nothing is there")
    try:
        times = float(start or 0), float(end or math.inf)
    except ValueError:
        times = math.nan, math.nan
    if not 0 <= times[0] < times[1]:
        raise SonogramError(
            f"start and end must be seconds from the beginning, and the end the later one; got {start!r} and "
            f"{end!r}. Correct them"
        )
    return [Span(*times, label)]


def labeled_clips(
    folder: Path, sounds: Sequence[Path], on_broken: Callable[[str, str], None] | None
) -> list[Clip] | None:
    """Return the recordings of a folder that have a label file next to them; None if most have none.

    A recording without a label file was not labeled, so it is left out. An empty label file states that
    nothing is there. A file with one of the usual names is an error if a line of it is invalid.
    The group of a recording is the folder in `folder` that it is in.

    Args:
        folder: The folder of the data set.
        sounds: Recordings in it.
        on_broken: Called with a recording and the reason why its labels are unusable; None raises it.

    Raises:
        SonogramError: A label is invalid, and `on_broken` is None.
    """
    found = {sound: label_files(sound) for sound in sounds}
    labeled = {
        sound: path for sound, paths in found.items() if (path := next(filter(_is_for_labels, paths), None))
    }
    if 2 * len(labeled) <= len(sounds):
        return None
    clips = []
    for sound, paths in found.items():
        if not paths:
            continue
        parents = sound.relative_to(folder).parts[:-1]
        try:
            events = _events(sound, labeled.get(sound, paths[0]))
        except SonogramError as error:
            if on_broken is None:
                raise
            on_broken(str(sound), str(error))
            continue
        clips.append(Clip(str(sound), "", parents[0] if parents else None, events=events))
    return clips


def share_of_labeled(sounds: Sequence[Path]) -> str:
    """Return what is wrong with the label files of a folder that most sounds lack; "" if there are none."""
    paths = [path for sound in sounds for path in label_files(sound)]
    if not paths:
        return ""
    count = sum(map(_is_for_labels, paths))
    return (
        f". Label files are used if most of the sounds have one: of {len(paths)} files next to the "
        f"{len(sounds)} sounds, such as {paths[0]}, {count} have labels"
    )


def _is_for_labels(path: Path) -> bool:
    """Return whether a file is for labels, though a line may be invalid, and no transcript or other table."""
    try:
        return LabelFile.decode(path.read_bytes()).is_for_labels
    except OSError:  # an error that names the file when it is read
        return True


def _events(sound: Path, path: Path) -> tuple[Span, ...]:
    if not _is_for_labels(path):
        raise SonogramError(
            f"{path}: no line is a label (start, end and text, separated by tabs), and most recordings here "
            "have labels; write some, empty the file if nothing is there, or rename it"
        )
    found = read_labels(path)
    labels = labels_of(found, sound)
    if found and not labels:
        raise SonogramError(f"{path}: its labels name other recordings, not {sound.name}; correct the names")
    if wrong := next((label for label in labels if not label.text), None):
        raise SonogramError(f"{path}: the label at {wrong.start:g} s has no text; write one, or delete it")
    if wrong := next((label for label in labels if label.end <= label.start), None):
        raise SonogramError(
            f"{path}: {wrong.text!r} at {wrong.start:g} s is a point in time; give it an end, or delete it"
        )
    return tuple(sorted(Span(label.start, label.end, label.text) for label in labels))
