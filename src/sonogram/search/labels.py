"""Labels of parts of the recordings in a bank."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.extraction.record import INDEX, Row, find_row
from sonogram.files import read_manifest
from sonogram.search.bank import Bank

__all__ = ["BankLabel", "read_bank_labels"]

_SHARE = 0.5
"""Share of a window, or of a shorter label, that must be common for the window to have the label."""
_ROUNDING = 0.1
"""Seconds by which a label may end after its recording: programs round times."""


@dataclass(frozen=True, eq=False)
class BankLabel:
    """A label, and the windows that it applies to."""

    label: str
    """The label."""
    group: str | None
    """Origin of the recording, as in `dataset.Clip`."""
    path: str
    """The recording, as in the bank."""
    windows: NDArray[np.int64]
    """Numbers of the windows in the bank, at least one."""


def read_bank_labels(bank: Bank, path: str | os.PathLike[str]) -> list[BankLabel]:
    """Return the labels in a CSV manifest, with the windows of a bank.

    Args:
        bank: The bank.
        path: A manifest with the columns path and label, and optionally start, end and group. Without start
            and end, in seconds, a label applies to the whole recording. The path is that of the bank, or that
            of the file, relative to the manifest.

    Raises:
        SonogramError: The manifest cannot be read, a time is invalid, or a recording is not in the bank.
    """
    place = Path(path)
    number = {row.path: index for index, row in enumerate(bank.rows)}
    rows = {row.path: row for row in bank.rows}
    found = []
    for line, values in read_manifest(place, ("path", "label"), ("start", "end", "group")):
        named = values["path"]
        row = rows.get(named) or _find_row(f"{place}, line {line}", str(place.parent / named), rows, bank)
        start, end = _times(values, f"{place}, line {line}", row.duration)
        first = int(bank.firsts[number[row.path]])
        starts, length = bank.embedder.windows(row.duration)
        common = np.minimum(end, starts + length) - np.maximum(start, starts)
        least = min(_SHARE * min(length, end - start), common.max())
        inside = np.flatnonzero(common >= least - 1e-6)
        found.append(BankLabel(values["label"], values.get("group"), row.path, first + inside))
    return found


def _find_row(place: str, path: str, rows: Mapping[str, Row], bank: Bank) -> Row:
    try:
        return find_row(path, rows, bank.folder)
    except SonogramError:
        raise SonogramError(
            f"{place}: {path} is not in the bank {bank.folder}; write a path of its {INDEX}, "
            "or embed the recording"
        ) from None


def _times(values: dict[str, str], place: str, duration: float) -> tuple[float, float]:
    try:
        start, end = float(values.get("start", 0)), float(values.get("end", duration))
    except ValueError:
        raise SonogramError(f"{place}: start and end must be seconds; got {values}") from None
    if not 0 <= start < end <= duration + _ROUNDING or start >= duration:
        raise SonogramError(
            f"{place}: start must be before end, and both inside the recording of {duration:g} s; got "
            f"{start:g} to {end:g} s. Correct them"
        )
    return start, end
