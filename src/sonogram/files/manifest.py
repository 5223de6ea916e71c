"""CSV manifests: lists of sound files with labels and other columns."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sonogram.errors import SonogramError

__all__ = ["ManifestRow", "read_manifest"]


class ManifestRow(NamedTuple):
    """One line of a manifest."""

    line: int
    """Line number in the file, from 1, for errors."""
    values: dict[str, str]
    """Cell by column, without surrounding spaces; empty cells are left out."""


def read_manifest(
    path: Path, required: Sequence[str] = ("path",), optional: Sequence[str] = ()
) -> list[ManifestRow]:
    r"""Return the rows of a CSV manifest in UTF-8.

    Args:
        path: The manifest. Its first line names the columns; others than those below are ignored.
        required: Columns that must be there and filled in every row.
        optional: Columns that may be absent or empty.

    Raises:
        SonogramError: The file cannot be read, is not CSV, lacks a required column or value, or has no
            row. The message names the line.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "list.csv"
        >>> _ = path.write_text("path,label\nbird.wav,animal\nrain.wav,\n")
        >>> [row.values for row in read_manifest(path, ("path",), ("label",))]
        [{'path': 'bird.wav', 'label': 'animal'}, {'path': 'rain.wav'}]
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = list(reader.fieldnames or ())
            if missing := [name for name in required if name not in columns]:
                more = f" and optionally {', '.join(optional)}" if optional else ""
                noun = "column" if len(missing) == 1 else "columns"
                raise SonogramError(
                    f"{path}: the manifest lacks the {noun} {' and '.join(missing)}; its first line must "
                    f"name {','.join(required)}{more}; got {','.join(columns)[:80]!r}"
                )
            names = (*required, *optional)
            rows = [
                ManifestRow(reader.line_num, {name: cell for name in names if (cell := _cell(row, name))})
                for row in reader
            ]
    except OSError as error:
        raise SonogramError(f"{path}: cannot be read ({error.strerror}); check it") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise SonogramError(f"{path}: not a CSV file in UTF-8 ({error}); export it again") from None
    for line, values in rows:
        for name in required:
            if name not in values:
                raise SonogramError(f"{path}, line {line}: the {name} is empty; fill it in")
    if not rows:
        raise SonogramError(
            f"{path}: the manifest has no rows; add a line {','.join(required)} for each file"
        )
    return rows


def _cell(row: dict[str, str | None], name: str) -> str:
    return (row.get(name) or "").strip()
