"""Selection tables of Raven, and CSV tables: a row for each label, columns of other programs kept.

Source: the Raven Pro 1.6 user's guide, "Selection tables".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sonogram.errors import SonogramError
from sonogram.files.labels.label import FILES, Entry, InLine, Label, frequency, number, on_one_line

__all__ = ["CSV", "RAVEN", "Table", "table_of"]

_TEXTS = ("annotation", "label", "species", "common name", "species code", "tag", "call type")
"""Columns of a selection table that hold the text, the best one first."""


@dataclass(frozen=True)
class _Kind:
    """One kind of table."""

    start: str
    end: str
    low: str
    high: str
    text: str
    """Columns, as new ones are named."""
    delimiter: str
    new: tuple[str, ...]
    """Columns of a new table."""

    @property
    def fixed(self) -> dict[str, str]:
        """Column in lower case by field."""
        names = {"start": self.start, "end": self.end, "low": self.low, "high": self.high}
        return {key: name.lower() for key, name in {**names, "channel": "channel"}.items()}


RAVEN = _Kind(
    "Begin Time (s)",
    "End Time (s)",
    "Low Freq (Hz)",
    "High Freq (Hz)",
    "Annotation",
    "\t",
    (
        *("Selection", "View", "Channel", "Begin Time (s)", "End Time (s)"),
        *("Low Freq (Hz)", "High Freq (Hz)", "Annotation"),
    ),
)
CSV = _Kind("start", "end", "low", "high", "label", ",", ("start", "end", "low", "high", "label", "channel"))


@dataclass(frozen=True)
class Table:
    """How the rows of one table are read and written."""

    kind: _Kind
    names: tuple[str, ...]
    """Names of the columns as they are written."""
    header: int
    """Number of the line with the names."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns in lower case, as labels have them."""
        return tuple(name.strip().lower() for name in self.names)

    # Reading.

    def entries(self, lines: Sequence[str]) -> tuple[Entry, ...]:
        """Return the labels. The rows of a selection of Raven in several views are one label."""
        found: dict[tuple[object, ...], Entry] = {}
        for places, cells in _records(lines, self.kind.delimiter, self.header + 1):
            if not any(cell.strip() for cell in cells):
                continue
            row = self._row(cells)
            # Raven writes two rows of a selection: for the waveform, and for the spectrogram.
            key: tuple[object, ...] = tuple(map(row.get, ("selection", self.kind.start.lower(), *FILES)))
            key = (*key, row.get(self.kind.end.lower())) if row.get("selection") else places
            if key in found:
                found[key] = Entry(found[key].label, (*found[key].lines, *places))
                continue
            form = f"a row has {', '.join(self.columns)}"
            with InLine(places[-1] + 1, self.kind.delimiter.join(cells), form):
                found[key] = Entry(self._label(row), places)
        return tuple(found.values())

    def _row(self, cells: Sequence[str]) -> dict[str, str]:
        return dict(zip(self.columns, (cell.strip() for cell in cells), strict=False))

    def _label(self, row: Mapping[str, str]) -> Label:
        fixed, text = self.kind.fixed, self.text_column(row)
        low, high, channel = (row.get(fixed[key]) for key in ("low", "high", "channel"))
        start, end = number(row[fixed["start"]]), number(row[fixed["end"]])
        return Label(
            start,
            end,
            frequency(low) if low else None,
            frequency(high) if high else None,
            row.get(text, "") if text else "",
            int(channel) if channel else None,
            {name: value for name, value in row.items() if name not in {*fixed.values(), text}},
        )

    def text_column(self, row: Mapping[str, str]) -> str | None:
        """Return the column with the text of a row; None if the table has none."""
        if self.kind is CSV:
            return "label"
        named = [name for name in _TEXTS if name in self.columns]
        fixed = {"selection", "view", "channel", *FILES}
        # The column of a template of one's own: it measures nothing.
        named += [name for name in self.columns if "(" not in name and name not in {*fixed, *_TEXTS}]
        filled = (name for name in named if row.get(name))
        return next(filled, next(iter(named), None))

    # Writing.

    def render(self, label: Label, before: tuple[Label, str] | None, selection: int, newline: str) -> str:
        """Return a row of a label.

        Args:
            label: The label.
            before: The label so far and its row: cells whose values did not change stay as they are. None for
                a new row.
            selection: Number of a new selection.
            newline: End of the line.

        Raises:
            SonogramError: The table has no column for a value of the label.
        """
        old, line = before or (None, "")
        cells = next((cells for _, cells in _records([line], self.kind.delimiter, 0)), [])
        cells = [*cells, *[""] * (len(self.columns) - len(cells))]
        for name, value in self._changes(label, old, self._row(cells), selection).items():
            if name in self.columns:
                cells[self.columns.index(name)] = value
            elif value:
                raise SonogramError(f"the label file has no column {name!r}; add it to the first line")
        if self.kind.delimiter == "\t":
            return "\t".join(on_one_line(cell) for cell in cells) + newline
        text = io.StringIO()
        csv.writer(text, lineterminator=newline).writerow(cells)
        return text.getvalue()

    def _changes(
        self, label: Label, old: Label | None, row: Mapping[str, str], selection: int
    ) -> dict[str, str]:
        fixed, text = self.kind.fixed, self.text_column(row)
        # Of another view of the same selection only what was edited changes.
        known = old.extra if old else {}
        changes = {name: value for name, value in label.extra.items() if known.get(name) != value}
        for key in ("start", "end", "low", "high", "channel"):
            value = getattr(label, key)
            if old is None or value != getattr(old, key):
                changes[fixed[key]] = _cell(key, value)
        if old is None or label.text != old.text:
            changes[text or self.kind.text.lower()] = label.text
        if old is None and self.kind is RAVEN:
            changes |= {"selection": str(selection)} | (
                {} if changes.get("view") else {"view": "Spectrogram 1"}
            )
            changes["channel"] = changes["channel"] or "1"
        for name, (begin, end) in {
            "delta time (s)": ("start", "end"),
            "delta freq (hz)": ("low", "high"),
        }.items():
            edges = getattr(label, begin), getattr(label, end)
            if name in self.columns and None not in edges and changes.keys() & {fixed[begin], fixed[end]}:
                changes[name] = f"{edges[1] - edges[0]:.6f}"
        return changes


def _cell(key: str, value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if key == "channel" else f"{value:.6f}"


def table_of(lines: Sequence[str]) -> Table | None:
    """Return the table that the first line with text is the header of; None if it is none."""
    place = next((place for place, line in enumerate(lines) if line.strip()), None)
    if place is None:
        return None
    line = lines[place].rstrip("\r\n")
    if "begin time (s)" in line.lower():
        return Table(RAVEN, tuple(line.split("\t")), place)
    try:
        names = tuple(next(csv.reader([line]), ()))
    except csv.Error:  # Python 3.10 reads no line with a NUL; later ones take it for a character
        return None
    if {"start", "end", "label"} <= {name.strip().lower() for name in names}:
        return Table(CSV, names, place)
    return None


def _records(lines: Sequence[str], delimiter: str, first: int) -> Iterator[tuple[tuple[int, ...], list[str]]]:
    """Yield the cells of each row with the numbers of its lines: a quoted cell may have several."""
    if delimiter == "\t":
        rows = csv.reader(lines[first:], delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        rows = csv.reader(lines[first:], delimiter=delimiter)
    begin = first
    try:
        for cells in rows:
            yield tuple(range(begin, first + rows.line_num)), cells
            begin = first + rows.line_num
    except csv.Error as error:
        raise SonogramError(f"line {begin + 1}: not a table ({error}); export it again") from None
