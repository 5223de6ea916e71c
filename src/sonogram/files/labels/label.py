"""`Label`: a part of a recording, or a box in time and frequency."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath, PureWindowsPath
from typing import NamedTuple

from sonogram.errors import SonogramError

__all__ = ["FILES", "Entry", "InLine", "Label", "frequency", "labels_of", "number", "on_one_line"]

FILES = ("path", "begin file", "begin path")
"""Columns that name the recording, in tables of several."""


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


class Entry(NamedTuple):
    """A label of a file, with its place."""

    label: Label
    lines: tuple[int, ...]
    """Numbers of its lines, from 0."""


class InLine:
    """Context that names the line of an invalid label.

    Args:
        number: Number of the line, from 1.
        line: The line.
        form: What a valid line looks like.
    """

    def __init__(self, number: int, line: str, form: str) -> None:
        self._message = f"line {number}: {form}; got {line[:80]!r}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SonogramError):
            raise SonogramError(f"{self._message}: {error}") from None
        if isinstance(error, ValueError | IndexError | KeyError):
            raise SonogramError(self._message) from None


def labels_of(labels: Sequence[Label], recording: str | os.PathLike[str]) -> list[Label]:
    """Return the labels of one recording: those whose table names it, or names no recording.

    Args:
        labels: Labels of one file.
        recording: Path of the sound file; only its name is compared.
    """
    name = PurePath(recording).name

    def fits(label: Label) -> bool:
        named = next((value for key in FILES if (value := label.extra.get(key))), None)
        return named is None or PureWindowsPath(named).name == name  # it also splits at "/"

    return [label for label in labels if fits(label)]


def number(text: str) -> float:
    """Return a number; some languages write a comma for the point."""
    return float(text.replace(",", "."))


def frequency(text: str) -> float | None:
    """Return a frequency, Hz; Audacity writes -1 for an open side."""
    hertz = number(text)
    return hertz if hertz >= 0 else None


def on_one_line(text: str) -> str:
    """Return a text without tabs and line breaks: label tracks and selection tables have no quoting."""
    return " ".join(text.replace("\t", " ").splitlines())
