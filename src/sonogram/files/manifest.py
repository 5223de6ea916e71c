"""CSV manifests: lists of sound files with labels and other columns. All commands read them here."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from sonogram.errors import SonogramError

__all__ = ["ManifestRow", "manifest_columns", "read_manifest"]

_NO_TEXT = 'a manifest must be text; this is not. Save it as "CSV UTF-8"'
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


class ManifestRow(NamedTuple):
    """One line of a manifest."""

    line: int
    """Number of its last line in the file, from 1, for errors."""
    values: dict[str, str]
    """Cell by column, without surrounding spaces; empty cells are left out."""


def read_manifest(
    path: Path,
    required: Sequence[str] = ("path",),
    optional: Sequence[str] = (),
    *,
    allow_empty: bool = False,
) -> list[ManifestRow]:
    r"""Return the rows of a CSV manifest in UTF-8.

    Args:
        path: The manifest. Its first line names the columns; others than those below are ignored.
        required: Columns that must be there and filled in every row.
        optional: Columns that may be absent or empty.
        allow_empty: Whether a manifest may have no row.

    Raises:
        SonogramError: The file cannot be read, is not CSV, lacks a required column or value, or has no
            row unless it may. The message names the line.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "list.csv"
        >>> _ = path.write_text("path,label\nbird.wav,animal\nrain.wav,\n")
        >>> [row.values for row in read_manifest(path, ("path",), ("label",))]
        [{'path': 'bird.wav', 'label': 'animal'}, {'path': 'rain.wav'}]
    """
    try:
        # Lines end at LF alone, so that csv refuses a CR inside a line and takes one at its end.
        with open(path, encoding="utf-8-sig", newline="\n") as file:
            rows = list(_rows(path, file, required, optional))
    except OSError as error:
        raise SonogramError(f"{path}: cannot be read ({error.strerror}); check it") from None
    except UnicodeDecodeError:
        raise SonogramError(
            f'{path}: a manifest must be text in UTF-8; this is another encoding. Save it as "CSV UTF-8"'
        ) from None
    if not rows and not allow_empty:
        raise SonogramError(
            f"{path}: the manifest has no rows; add a line {','.join(required)} for each file"
        )
    return rows


def manifest_columns(path: Path) -> tuple[str, ...]:
    """Return the names in the first line of a manifest; none if `read_manifest` would refuse to read it.

    Args:
        path: The manifest.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="\n") as file:
            return tuple(name.strip() for name in next(csv.reader(file), ()))
    except (OSError, UnicodeDecodeError, csv.Error):
        return ()


def _rows(
    path: Path, file: TextIO, required: Sequence[str], optional: Sequence[str]
) -> Iterator[ManifestRow]:
    lines = _lines(path, file)
    _, header = next(lines, (1, []))
    columns = [name.strip() for name in header]
    if problem := _column_problem(columns, required, optional):
        raise SonogramError(f"{path}: {problem}")
    names = [name for name in (*required, *optional) if name in columns]
    for line, cells in lines:
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise SonogramError(
                f"{path}, line {line}: {len(cells)} cells, but the first line names {len(columns)} columns; "
                'write a cell that holds a comma as "a, b"'
            )
        row = dict(zip(columns, map(str.strip, cells), strict=False))
        if empty := [name for name in required if not row.get(name)]:
            raise SonogramError(f"{path}, line {line}: the {empty[0]} is empty; fill it in")
        yield ManifestRow(line, {name: row[name] for name in names if row.get(name)})


def _lines(path: Path, file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line that is not blank."""
    reader = csv.reader(file, strict=True)
    while True:
        begin = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SonogramError(f"{path}, line {begin}: {_csv_problem(error)}") from None
        if any("\0" in cell for cell in cells):
            raise SonogramError(f"{path}, line {begin}: {_NO_TEXT}")
        if any(cell.strip() for cell in cells):  # a spreadsheet writes empty rows as commas
            yield reader.line_num, cells


def _csv_problem(error: csv.Error) -> str:
    """Return what the csv module found, and the remedy. It states the kind of error in words alone."""
    text = str(error)
    if "NUL" in text:  # Python 3.10; later versions pass it on
        return _NO_TEXT
    if "new-line" in text:
        return "a carriage return (CR) inside the line; save the file with LF or CRLF line ends"
    if "unexpected end" in text or "field limit" in text:
        return 'a quotation mark (") opens here and is not closed; add the second one, or delete it'
    return f'not CSV ({text}); write a quotation mark in a cell as ""'


def _column_problem(columns: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> str | None:
    """Return what is wrong with the names in the first line, and the remedy; None if nothing is."""
    known = (*required, *optional)
    if columns and columns[0].lower().startswith("sep="):
        return (
            f"the first line is a note for Excel, {columns[0]!r}; delete it, and separate columns by commas"
        )
    more = f" and optionally {', '.join(optional)}" if optional else ""
    if missing := [name for name in required if name not in columns]:
        for separator, words in _SEPARATORS.items():
            parts = [part.strip() for column in columns for part in column.split(separator)]
            if len(parts) > len(columns) and {part.lower() for part in parts} & set(known):
                return f"the columns are separated by {words}; separate them by commas: {','.join(parts)}"
    for column in columns:
        if column not in known and column.lower() in known and column.lower() not in columns:
            return f"the first line names the column {column!r}; write {column.lower()!r}"
    if missing:
        noun = "column" if len(missing) == 1 else "columns"
        return (
            f"the manifest lacks the {noun} {' and '.join(missing)}; its first line must "
            f"name {','.join(required)}{more}; got {','.join(columns)[:80]!r}"
        )
    if twice := [name for name in known if columns.count(name) > 1]:
        return f"the first line names the column {twice[0]} {columns.count(twice[0])} times; keep one"
    return None
