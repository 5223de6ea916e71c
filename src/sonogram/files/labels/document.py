"""`LabelFile`: a label file that is edited line by line, so that untouched lines keep their bytes."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from sonogram.errors import SonogramError
from sonogram.files.labels import audacity
from sonogram.files.labels.label import Entry, Label
from sonogram.files.labels.table import CSV, RAVEN, Table, table_of

__all__ = ["LabelFile", "find_labels", "label_files", "read_label_file", "read_labels"]

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_ENDINGS = (
    *(
        ".selections.txt",
        ".Table.1.selections.txt",
        ".BirdNET.selection.table.txt",
        ".BirdNET.selections.txt",
    ),
    *(".labels.txt", ".labels.csv", ".txt", ".csv"),
)
"""What follows the name of a sound in that of its label file, in the order in which they are looked for."""


@dataclass(frozen=True)
class LabelFile:
    r"""The content of a label file.

    Example:
        >>> file = LabelFile.parse(b"0.5\t2\tdog\n3\t4\tcat\n")
        >>> file.edit({0: None}, [Label(7, 8, text="owl")]).content
        b'3\t4\tcat\n7.000000\t8.000000\towl\n'
    """

    text: str = ""
    mark: bytes = b""
    """Byte order mark."""
    encoding: str = "utf-8"

    @staticmethod
    def parse(content: bytes) -> LabelFile:
        """Return the file of these bytes.

        Raises:
            SonogramError: It is no label file; the message has the number of the line.
        """
        return LabelFile.decode(content)._read()

    @staticmethod
    def decode(content: bytes) -> LabelFile:
        """Return the file of these bytes, whose lines may be invalid."""
        for mark, encoding in _MARKS.items():
            if content.startswith(mark):
                return LabelFile(content[len(mark) :].decode(encoding, "surrogateescape"), mark, encoding)
        for encoding in ("utf-8", "cp1252"):  # the second: older programs on Windows
            try:
                return LabelFile(content.decode(encoding), b"", encoding)
            except UnicodeDecodeError:
                continue
        return LabelFile(content.decode("latin-1"), b"", "latin-1")

    @staticmethod
    def new(form: Literal["audacity", "raven", "csv"]) -> LabelFile:
        """Return a file without labels."""
        if form == "audacity":
            return LabelFile()
        kind = RAVEN if form == "raven" else CSV
        return LabelFile(kind.delimiter.join(kind.new) + "\n")

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        try:
            return self.mark + self.text.encode(self.encoding, "surrogateescape")
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            raise SonogramError(
                f"the encoding of the label file, {self.encoding}, has no {character!r}; save it as UTF-8"
            ) from None

    @property
    def format(self) -> Literal["audacity", "raven", "csv"]:
        """What the file is."""
        if self._table is None:
            return "audacity"
        return "raven" if self._table.kind is RAVEN else "csv"

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels, in the order of the file."""
        return tuple(entry.label for entry in self.entries)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of a table, in lower case."""
        return () if self._table is None else self._table.columns

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The labels with their lines."""
        return audacity.entries(self._lines) if self._table is None else self._table.entries(self._lines)

    @property
    def is_for_labels(self) -> bool:
        """Whether the file is empty, a table of labels, or any line is a label; others may be invalid."""
        return self._table is not None or not self.text.strip() or any(map(_is_label, self._lines))

    @cached_property
    def _lines(self) -> list[str]:
        """The lines with their ends, which the last one may lack."""
        return re.findall(r"[^\n]*\n|[^\n]+", self.text)

    @cached_property
    def _table(self) -> Table | None:
        return table_of(self._lines)

    @property
    def _newline(self) -> str:
        return "\r\n" if self._lines and self._lines[0].endswith("\r\n") else "\n"

    def _read(self) -> LabelFile:
        _ = self.entries
        return self

    def edit(self, changes: Mapping[int, Label | None], new: Sequence[Label] = ()) -> LabelFile:
        """Return the file with some labels changed, deleted or added.

        Args:
            changes: Label, or None to delete it, by its number in `labels`. One that is equal to what is in
                the file keeps its bytes.
            new: Labels to add at the end.

        Raises:
            SonogramError: There is no such number, or no column for a value.
        """
        lines: list[str] = list(self._lines)
        for index, label in changes.items():
            if not 0 <= index < len(self.entries):
                raise SonogramError(f"label {index} is not in the file; read it again")
            if label != self.entries[index].label:
                self._replace(lines, self.entries[index], label)
        lines = [line for line in lines if line]
        selections = [entry.label.extra.get("selection", "") for entry in self.entries]
        next_selection = 1 + max((int(text) for text in selections if text.isdecimal()), default=0)
        for number, label in enumerate(new):
            if lines and not lines[-1].endswith("\n"):
                lines[-1] += self._newline
            lines.append(self._render(label, None, next_selection + number))
        return LabelFile("".join(lines), self.mark, self.encoding)._read()

    def _replace(self, lines: list[str], entry: Entry, label: Label | None) -> None:
        """Write a label into the lines of the old one; lines that are not needed become empty."""
        before, places = entry
        if label is not None and self.format == "raven":
            for place in places:  # the same selection in each view
                lines[place] = self._render(label, (before, lines[place]), 0)
            return
        whole = "".join(lines[place] for place in places)
        for place in places:
            lines[place] = ""
        if label is not None:
            lines[places[0]] = self._render(label, (before, whole), 0)

    def _render(self, label: Label, before: tuple[Label, str] | None, selection: int) -> str:
        if self._table is None:
            return audacity.render(label, self._newline)
        return self._table.render(label, before, selection, self._newline)


def read_label_file(path: str | os.PathLike[str]) -> LabelFile:
    """Read a label file for editing; see `read_labels`.

    Raises:
        SonogramError: The file cannot be read, or a line is invalid; the message has its number.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SonogramError(f"{path}: labels cannot be read ({reason}); check the path") from None
    try:
        return LabelFile.parse(content)
    except SonogramError as error:
        raise SonogramError(f"{path}: {error}") from None


def read_labels(path: str | os.PathLike[str]) -> list[Label]:
    r"""Return the labels in a file, in its order.

    Args:
        path: An Audacity label track, with or without frequencies; a Raven selection table; or a CSV file
            with the columns start, end and label, and optionally low, high and channel. The first line
            determines which.

    Raises:
        SonogramError: The file cannot be read, or a line is invalid; the message has its number.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "labels.txt"
        >>> _ = path.write_text("0.5\t2.0\tdog\n\\\t300\t4000\n")
        >>> [label] = read_labels(path)
        >>> label.text, label.end, label.high
        ('dog', 2.0, 4000.0)

    See Also:
        `labels_of`, which selects those of one recording.
    """
    return list(read_label_file(path).labels)


def find_labels(sound: Path) -> Path | None:
    """Return the label file next to a sound: the first of the usual names that holds labels, or None."""
    for path in label_files(sound):
        with suppress(SonogramError):  # a transcript, or another table
            read_label_file(path)
            return path
    return None


def label_files(sound: Path) -> list[Path]:
    """Return the files next to a sound that have one of the usual names of its label file."""
    paths = (sound.with_name(f"{sound.stem}{ending}") for ending in _ENDINGS)
    return [path for path in paths if path.is_file()]


def _is_label(line: str) -> bool:
    try:
        return bool(audacity.entries([line]))
    except SonogramError:
        return False
