"""`Verdicts`: what the user agreed with, as a manifest that `sonogram train` reads."""

from __future__ import annotations

import csv
import io
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sonogram.errors import SonogramError
from sonogram.files import manifest_columns, read_manifest, write_text

__all__ = ["COLUMNS", "Verdict", "Verdicts"]

COLUMNS = ("path", "start", "end", "label")
_DECIMALS = 6


@dataclass(frozen=True)
class Verdict:
    """A sound, or a part of it, and what was decided about a label."""

    path: str
    """The sound file, relative to the folder of the manifest."""
    start: float | None
    """Seconds; None for the whole sound."""
    end: float | None
    label: str


class Verdicts:
    """Agreed verdicts in one manifest, rejected ones in another next to it, written at each change.

    Other programs may write to the manifests meanwhile. Rows that do not change keep their bytes, and so do
    other columns.

    Args:
        path: The manifest.

    Raises:
        SonogramError: It exists and is no such manifest.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        rejected = path.with_name(f"{path.stem}.rejected{path.suffix or '.csv'}")
        self._manifests = {"yes": _Manifest(path), "no": _Manifest(rejected)}
        self._lock = threading.Lock()
        self.items()  # an error now, not after an hour of work

    def items(self) -> list[tuple[Verdict, str]]:
        """Return all verdicts with "yes" or "no".

        Raises:
            SonogramError: A manifest cannot be read.
        """
        with self._lock:
            return [(row.verdict, name) for name, each in self._manifests.items() for row in each.rows()]

    def set(self, verdict: Verdict, decision: str | None) -> int:
        """Set a verdict, or remove it with None; return the number of verdicts.

        Raises:
            SonogramError: A manifest cannot be read, or has no column for a part of a sound.
            OSError: A manifest cannot be written.
        """
        if verdict.start is not None and verdict.end is not None:
            start, end = (round(each, _DECIMALS) for each in (verdict.start, verdict.end))
            verdict = replace(verdict, start=start, end=end)
        with self._lock:
            for name, each in self._manifests.items():
                each.set(verdict, name == decision)
            return sum(len(each.rows()) for each in self._manifests.values())

    def relative(self, sound: Path) -> str:
        """Return the path of a sound in the manifest."""
        return Path(os.path.relpath(sound, self.path.parent)).as_posix()


@dataclass(frozen=True)
class _Row:
    verdict: Verdict
    begin: int
    """Its first line in the file, from 0."""
    end: int
    """The line after its last one."""


class _Manifest:
    """A manifest that is changed row by row."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[bytes, list[_Row]] = (b"", [])

    def rows(self) -> list[_Row]:
        """Return the rows of the file as it is now."""
        content = self._path.read_bytes() if self._path.is_file() else b""
        if content != self._read[0]:
            self._read = (content, self._parse() if content.strip() else [])
        return self._read[1]

    def _parse(self) -> list[_Row]:
        rows, begin = [], 1
        for end, values in read_manifest(self._path, ("path", "label"), ("start", "end"), allow_empty=True):
            try:
                start, stop = _number(values, "start"), _number(values, "end")
            except ValueError as error:
                raise SonogramError(
                    f"{self._path}, line {end}: start and end must be seconds ({error}); fix the line"
                ) from None
            rows.append(_Row(Verdict(values["path"], start, stop, values["label"]), begin, end))
            begin = end
        return rows

    def set(self, verdict: Verdict, is_in: bool) -> None:
        """Add a verdict or remove it, if it is not in the file or not out of it already."""
        found = [row for row in self.rows() if row.verdict == verdict]
        if bool(found) == is_in:
            return
        content = self._read[0]
        if not content.strip():
            content = (",".join(COLUMNS) + "\n").encode()
        lines = re.findall(r"[^\n]*\n|[^\n]+", content.decode())
        for row in found:
            lines[row.begin : row.end] = [""] * (row.end - row.begin)
        if is_in:
            newline = "\r\n" if lines[0].endswith("\r\n") else "\n"
            if not lines[-1].endswith("\n"):
                lines[-1] += newline
            lines.append(self._row(verdict, newline))
        write_text(self._path, "".join(lines))

    def _row(self, verdict: Verdict, newline: str) -> str:
        """Return the text of a verdict, with an empty cell in each column that is not ours."""
        columns = manifest_columns(self._path) or COLUMNS
        if verdict.start is not None and not {"start", "end"} <= {*columns}:
            raise SonogramError(
                f"{self._path}: has no columns start and end, for a part of a sound; add them, or name "
                "another manifest with --verdicts"
            )
        cells = {"path": verdict.path, "label": verdict.label} | {
            name: "" if value is None else f"{value}"
            for name, value in (("start", verdict.start), ("end", verdict.end))
        }
        text = io.StringIO()
        csv.writer(text, lineterminator=newline).writerow(cells.get(name, "") for name in columns)
        return text.getvalue()


def _number(values: Mapping[str, str], name: str) -> float | None:
    return float(values[name]) if name in values else None
