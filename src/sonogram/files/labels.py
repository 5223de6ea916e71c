r"""Labels of recordings: Audacity label tracks, Raven selection tables, and the CSV of `sonogram predict`.

Sources: the Audacity manual, "Importing and Exporting Labels", with the second line `\`, low, high of a label
that has frequencies; the Raven Pro 1.6 user's guide, "Selection tables".
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PureWindowsPath

from sonogram.errors import SonogramError

__all__ = ["Label", "labels_of", "read_labels"]

_NAMES = ("annotation", "label", "species", "common name", "species code", "tag", "call type")
"""Columns of a selection table that hold the text, the best one first."""
_FILES = ("path", "begin file", "begin path")
"""Columns that name the recording, in tables of several."""
_AUDACITY = "start, end and text, separated by tabs"


@dataclass(frozen=True)
class Label:
    """One label: a part of a recording, or a box in time and frequency.

    Raises:
        SonogramError: It ends before it starts, its upper frequency is below the lower one, or a value is
            negative or not finite.
    """

    start: float
    """Seconds from the beginning of the recording."""
    end: float
    """Seconds; equal to `start` for a point in time."""
    low: float | None = None
    """Lower frequency, Hz; None where the label has no frequencies."""
    high: float | None = None
    """Upper frequency, Hz."""
    text: str = ""
    """Text of the label."""
    channel: int | None = None
    """Channel, 1 is the first; None for all."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Other columns of the table, by name."""

    def __post_init__(self) -> None:
        values = [value for value in (self.start, self.end, self.low, self.high) if value is not None]
        if not all(math.isfinite(value) and value >= 0 for value in values):
            raise SonogramError(f"times and frequencies of a label must not be negative; got {values}")
        if self.end < self.start:
            raise SonogramError(f"a label must not end before it starts; got {self.start} to {self.end} s")
        if self.low is not None and self.high is not None and self.high < self.low:
            raise SonogramError(
                "the upper frequency of a label must not be below the lower one; "
                f"got {self.low} to {self.high} Hz"
            )


def read_labels(path: str | os.PathLike[str]) -> list[Label]:
    r"""Return the labels in a file, in its order.

    Args:
        path: An Audacity label track, with or without frequencies; a Raven selection table; or a CSV file
            with the columns start, end and label. The first line determines which.

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
    lines = _text(path).splitlines()
    head = next((line for line in lines if line.strip()), "")
    if "begin time (s)" in head.lower():
        return list(_table(path, lines, "\t", _raven))
    if {"start", "end", "label"} <= {cell.strip().lower() for cell in head.split(",")}:
        return list(_table(path, lines, ",", _events))
    return list(_audacity(path, lines))


def labels_of(labels: list[Label], recording: str | os.PathLike[str]) -> list[Label]:
    """Return the labels of one recording: those whose table names it, or names no recording.

    Args:
        labels: Labels of one file.
        recording: Path of the sound file; only its name is compared.
    """
    name = PurePath(recording).name

    def fits(label: Label) -> bool:
        named = next((value for key in _FILES if (value := label.extra.get(key))), name)
        return PureWindowsPath(named).name == name  # it also splits at "/"

    return [label for label in labels if fits(label)]


def _text(path: str | os.PathLike[str]) -> str:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SonogramError(f"{path}: labels cannot be read ({reason}); check the path") from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:  # older programs on Windows
        return content.decode("cp1252", "replace")


def _audacity(path: str | os.PathLike[str], lines: list[str]) -> Iterator[Label]:
    held: Label | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        cells = line.split("\t")
        with _Line(path, number, line, f"a label is {_AUDACITY}"):
            if cells[0] == "\\":
                if held is not None and len(cells) >= 3:
                    low, high = (_frequency(cell) for cell in cells[1:3])
                    held = Label(held.start, held.end, low, high, held.text)
                continue
            if held is not None:
                yield held
            held = Label(_number(cells[0]), _number(cells[1]), text="\t".join(cells[2:]).strip())
    if held is not None:
        yield held


def _table(
    path: str | os.PathLike[str],
    lines: list[str],
    delimiter: str,
    label_of: Callable[[dict[str, str]], Label],
) -> Iterator[Label]:
    """Yield a label for each row; one of the rows of a selection in several views."""
    rows = csv.reader(
        lines, delimiter=delimiter, quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    )
    head: list[str] | None = None
    seen: set[tuple[str | None, ...]] = set()
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if head is None:
            head = [cell.strip().lower() for cell in cells]
            continue
        row = dict(zip(head, (cell.strip() for cell in cells), strict=False))
        # Raven writes two rows of a selection: for the waveform, and for the spectrogram.
        selection = tuple(map(row.get, ("selection", "begin time (s)", "end time (s)", *_FILES)))
        if selection[0] and selection in seen:
            continue
        seen.add(selection)
        with _Line(path, rows.line_num, delimiter.join(cells), f"a row has {', '.join(head)}"):
            yield label_of(row)


def _raven(row: dict[str, str]) -> Label:
    used = {"begin time (s)", "end time (s)", "low freq (hz)", "high freq (hz)", "channel"}
    text = next((name for name in _NAMES if row.get(name)), None)
    if text is None:  # the column of a template of one's own: it measures nothing
        own = [
            name for name in row if "(" not in name and name not in {"selection", "view", "channel", *_FILES}
        ]
        text = next((name for name in own if row[name]), None)
    low, high = row.get("low freq (hz)"), row.get("high freq (hz)")
    channel = row.get("channel")
    return Label(
        _number(row["begin time (s)"]),
        _number(row["end time (s)"]),
        _frequency(low) if low else None,
        _frequency(high) if high else None,
        row[text] if text else "",
        int(channel) if channel else None,
        {name: value for name, value in row.items() if name not in used and name != text},
    )


def _events(row: dict[str, str]) -> Label:
    extra = {name: value for name, value in row.items() if name not in {"start", "end", "label"}}
    return Label(_number(row["start"]), _number(row["end"]), text=row["label"], extra=extra)


def _number(text: str) -> float:
    return float(text.replace(",", "."))  # some languages write a comma


def _frequency(text: str) -> float | None:
    hertz = _number(text)
    return hertz if hertz >= 0 else None  # Audacity writes -1 for an open side


class _Line:
    """Context that names the line of an invalid label."""

    def __init__(self, path: str | os.PathLike[str], number: int, line: str, form: str) -> None:
        self._message = f"{path}: line {number}: {form}; got {line[:80]!r}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SonogramError):
            raise SonogramError(f"{self._message}: {error}") from None
        if isinstance(error, ValueError | IndexError | KeyError):
            raise SonogramError(self._message) from None
