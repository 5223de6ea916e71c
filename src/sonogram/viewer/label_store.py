"""`LabelStore`: the labels of one recording on disk, safe against crashes and against a second writer."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sonogram.errors import SonogramError
from sonogram.files import Label, LabelFile, atomic_file, find_labels, labels_of, read_label_file
from sonogram.viewer.errors import RefusedError

__all__ = ["LabelStore", "Table", "is_number"]

_NEW_ENDING = ".labels.txt"
"""Ending of a new label file: one that no transcript has."""
_LARGEST = 1e12
_NAMED_BY = ("path", "begin file")
_NEW_TABLE = LabelFile.parse(b"path,start,end,low,high,label\n")


@dataclass
class Table:
    """One CSV file with the labels of many recordings, such as what `find` and `suggest` write."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while it is changed."""
    known: tuple[bytes, LabelFile] = (b"", LabelFile())
    """What was read or written last."""


class LabelStore:
    """Reads and writes the labels of a recording.

    Each list from the page goes to a journal first. It is deleted when the label file has been written, so
    what was on the screen survives a crash, a full disk, and a conflict with another program.

    Args:
        path: The label file, which need not exist yet.
        sound: Name of the sound file, for tables about several.
        highest_hz: Returns the upper edge in new rows of a selection table, where each selection is a box.
        table: The table at `path`, if it has the labels of all recordings; None if the file is about one. Its
            rows have the path of the sound below the folder that is open.
    """

    def __init__(
        self, path: Path, sound: str, highest_hz: Callable[[], float], table: Table | None = None
    ) -> None:
        self.path, self._sound, self._highest_hz = path, sound, highest_hz
        self._is_shared, self._table = table is not None, table or Table()

    @staticmethod
    def path_of(sound: Path | None, name: str, place: Path | None, single: bool) -> Path | None:
        """Return the label file of a sound: one that exists, or where a new one goes; None for nowhere.

        Args:
            sound: The sound file; None for sound in memory.
            name: Its name, below the folder that is open.
            place: File or folder that the user named for labels; None is next to the sound.
            single: Whether this is the only sound.
        """
        if place is not None and not place.is_dir() and (single or place.suffix.lower() == ".csv"):
            return place
        if place is None and sound is None:
            return None
        near = sound if place is None else place / name
        assert near is not None
        return find_labels(near) or near.with_name(f"{near.stem}{_NEW_ENDING}")

    def exists(self) -> bool:
        """Return whether there is a label file, or a table with labels of the sound."""
        if not self._is_shared:
            return self.path.is_file()
        try:
            return bool(self.labels())
        except (SonogramError, OSError):
            return False

    def _file(self) -> tuple[LabelFile, str]:
        """Return the file as it is now, and its tag."""
        if self.path.exists():
            content = self.path.read_bytes()
            if content != self._table.known[0]:  # what was read or written last needs no second reading
                self._table.known = content, read_label_file(self.path)
            file = self._table.known[1]
        elif self._is_shared:
            file = _NEW_TABLE
        else:
            return LabelFile.new(_format(self.path)), '"none"'
        # Rows about other sounds may change: they stay as they are when those of this sound are written.
        seen = repr(list(self._shown(file).values())).encode() if self._is_shared else file.content
        return file, f'"{hashlib.sha256(seen).hexdigest()[:20]}"'

    def _shown(self, file: LabelFile) -> dict[int, Label]:
        """Return the labels of the sound by their places in the file."""
        if self._is_shared:
            own = {id(label) for label in file.labels if _named(label) == self._sound}
        else:
            own = {id(label) for label in labels_of(file.labels, self._sound)}
        return {number: label for number, label in enumerate(file.labels) if id(label) in own}

    def _numbers(self, file: LabelFile) -> list[int]:
        """Return the place in the file of each label that the page knows as r0, r1, ..."""
        return list(self._shown(file)) if self._is_shared else list(range(len(file.labels)))

    def labels(self) -> list[Label]:
        """Return the labels of the sound."""
        return list(self._shown(self._file()[0]).values())

    def read(self) -> tuple[dict[str, Any], str]:
        """Return the labels as JSON for the page, and the tag of the file."""
        file, tag = self._file()
        shown = self._shown(file)
        content = {
            "labels": [
                _plain(f"r{number}", shown[each])
                for number, each in enumerate(self._numbers(file))
                if each in shown
            ],
            "format": file.format,
            "name": self.path.name,
            "recovered": self._recovered(list(shown.values())),
        }
        return content, tag

    def write(self, labels: Any, tag: str | None) -> tuple[dict[str, Any], str]:
        """Write the whole list of labels of the page.

        Args:
            labels: JSON of the labels.
            tag: Tag of the file that the page has read.

        Raises:
            RefusedError: The file has changed since, or a label is invalid.
            OSError: The disk is full, or the folder cannot be written.
        """
        if tag is None:
            raise RefusedError(428, "a write of labels needs the tag of the file that was read: If-Match")
        wanted = [_parsed(each) for each in _list(labels)]
        with self._table.lock:
            self._journal(labels)
            file, now = self._file()
            if tag != now:
                content, _ = self.read()
                message = f"{self.path.name} was changed by another program; compare before you write again"
                raise RefusedError(412, message, {"labels": content["labels"], "etag": now})
            shown, numbers = self._shown(file), self._numbers(file)
            changes: dict[int, Label | None] = dict.fromkeys(shown)
            for number, label in wanted:
                if number is None:
                    continue
                if number >= len(numbers) or numbers[number] not in shown:
                    raise RefusedError(422, f"label r{number} is not in the file; reload the page")
                changes[numbers[number]] = label
            new = [self._complete(label, file) for number, label in wanted if number is None]
            edited = file.edit(changes, new)
            if edited.content != file.content or (new and not self.path.exists()):
                with atomic_file(self.path) as out:
                    out.write(edited.content)
                self._table.known = edited.content, edited
            self.forget()
        return self.read()

    def _complete(self, label: Label, file: LabelFile) -> Label:
        """Return a new label with what the table needs: the name of the sound, and edges in Raven's."""
        named = {column: self._sound for column in _NAMED_BY if column in file.columns}
        if file.format == "raven" and label.low is None and label.high is None:
            label = dataclasses.replace(label, low=0.0, high=self._highest_hz())
        return dataclasses.replace(label, extra={**named, **label.extra})

    # The journal.

    @property
    def _journal_path(self) -> Path:
        own = f".{hashlib.sha256(self._sound.encode()).hexdigest()[:12]}" if self._is_shared else ""
        return self.path.with_name(f".{self.path.name}{own}.journal")

    def _journal(self, labels: Any) -> None:
        with atomic_file(self._journal_path) as out:
            out.write(json.dumps({"labels": labels}).encode())

    def forget(self) -> None:
        """Delete the journal."""
        self._journal_path.unlink(missing_ok=True)

    def _recovered(self, shown: Sequence[Label]) -> list[Any] | None:
        """Return the labels of a journal that did not reach the file."""
        try:
            plain = json.loads(self._journal_path.read_bytes())["labels"]
            labels = [label for _, label in map(_parsed, _list(plain))]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return None if labels == list(shown) else [{**each, "id": None} for each in plain]


def _format(path: Path) -> Literal["audacity", "raven", "csv"]:
    if path.suffix.lower() == ".csv":
        return "csv"
    return "raven" if path.name.lower().endswith(".selections.txt") else "audacity"


def _named(label: Label) -> str | None:
    """Return the sound that a row of a table names."""
    return next((value.replace("\\", "/") for name in _NAMED_BY if (value := label.extra.get(name))), None)


def _plain(identifier: str, label: Label) -> dict[str, Any]:
    names = ("start", "end", "low", "high", "text", "channel")
    return {"id": identifier, **{name: getattr(label, name) for name in names}, "extra": dict(label.extra)}


def _list(labels: Any) -> list[Any]:
    if not isinstance(labels, list):
        raise RefusedError(422, "labels must be a list")
    return labels


def _parsed(plain: Any) -> tuple[int | None, Label]:
    """Return the number of a label in the file, and the label, from the JSON of the page."""
    if not isinstance(plain, Mapping):
        raise RefusedError(422, "a label must be an object")
    identifier, extra = plain.get("id"), plain.get("extra")
    extra = {} if extra is None else extra
    number = None
    if isinstance(identifier, str) and re.fullmatch("r[0-9]{1,9}", identifier):
        number = int(identifier[1:])
    if not isinstance(extra, Mapping) or not all(
        isinstance(part, str) for pair in extra.items() for part in pair
    ):
        raise RefusedError(422, "extra columns of a label must be texts")
    text, channel = plain.get("text", ""), plain.get("channel")
    if not isinstance(text, str) or not (channel is None or type(channel) is int):
        raise RefusedError(422, "a label has a text, and a whole number or null as channel")
    if re.search("[\ud800-\udfff]", "".join((text, *extra, *extra.values()))):
        raise RefusedError(422, "a label holds half of a character that UTF-16 writes in two; write it whole")
    values = [plain.get(name) for name in ("start", "end", "low", "high")]
    if not all(is_number(value) for value in values if value is not None) or None in values[:2]:
        raise RefusedError(422, "a label has start and end in seconds, and low and high in hertz or null")
    start, end, low, high = (None if value is None else float(value) for value in values)
    assert start is not None
    assert end is not None
    try:
        return number, Label(start, end, low, high, text, channel, dict(extra))
    except SonogramError as error:
        raise RefusedError(422, str(error)) from None


def is_number(value: object) -> bool:
    """Return whether a value of JSON is a number of seconds or hertz, finite and not huge."""
    return type(value) in (int, float) and abs(value) <= _LARGEST  # type: ignore[arg-type]
