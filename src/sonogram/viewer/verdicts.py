"""`Verdicts`: what the user agreed with, as a manifest that `sonogram train` reads."""

from __future__ import annotations

import csv
import io
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sonogram.errors import SonogramError
from sonogram.files import read_manifest, write_text

__all__ = ["COLUMNS", "Verdict", "Verdicts", "manifest"]

COLUMNS = ("path", "start", "end", "label")


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

    Args:
        path: The manifest. What is there already is kept.

    Raises:
        SonogramError: It exists and is no such manifest.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._paths = {"yes": path, "no": path.with_name(f"{path.stem}.rejected{path.suffix or '.csv'}")}
        self._lock = threading.Lock()
        self._found = {name: _read(each) for name, each in self._paths.items()}

    def items(self) -> list[tuple[Verdict, str]]:
        """Return all verdicts with "yes" or "no"."""
        with self._lock:
            return [(each, name) for name, some in self._found.items() for each in some]

    def set(self, verdict: Verdict, decision: str | None) -> int:
        """Set a verdict, or remove it with None; return the number of verdicts.

        Raises:
            OSError: The manifest cannot be written.
        """
        with self._lock:
            for name, some in self._found.items():
                changed = [each for each in some if each != verdict]
                if name == decision:
                    changed.append(verdict)
                if changed != some:
                    write_text(self._paths[name], manifest(changed))
                    self._found[name] = changed
            return sum(map(len, self._found.values()))

    def relative(self, sound: Path) -> str:
        """Return the path of a sound in the manifest."""
        return Path(os.path.relpath(sound, self.path.parent)).as_posix()


def manifest(verdicts: Iterable[Verdict]) -> str:
    """Return a CSV manifest with a row for each verdict."""
    text = io.StringIO()
    rows = ((each.path, _seconds(each.start), _seconds(each.end), each.label) for each in verdicts)
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    return text.getvalue()


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{round(value, 6)}"


def _read(path: Path) -> list[Verdict]:
    if not path.is_file() or path.read_text(encoding="utf-8-sig").count("\n") <= 1:
        return []
    rows = read_manifest(path, ("path", "label"), ("start", "end"))
    try:
        return [
            Verdict(values["path"], _number(values, "start"), _number(values, "end"), values["label"])
            for _, values in rows
        ]
    except ValueError as error:
        raise SonogramError(f"{path}: start and end must be seconds ({error}); fix the line") from None


def _number(values: Mapping[str, str], name: str) -> float | None:
    return float(values[name]) if name in values else None
