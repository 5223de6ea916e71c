"""Predictions as text: a table, CSV, JSON, or the labels of other programs, piece by piece as they come."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from sonogram.cli.report import Table

__all__ = ["ENDINGS", "FORMATS", "Entry", "cells", "make_table", "render", "render_json"]

FORMATS = ("json", "csv", "audacity", "raven")
ENDINGS = {"audacity": ".txt", "raven": ".selections.txt"}
"""Of the formats that have one file for each recording."""
Entry: TypeAlias = Mapping[str, Any]
"""A recording as `RecordingPrediction.to_dict` returns it."""


def render(form: str, entries: Iterable[Entry], head: Mapping[str, Any]) -> Iterator[str]:
    """Yield the text of a format in pieces, at least one for each recording.

    Args:
        form: One of `FORMATS`.
        entries: The recordings.
        head: What JSON states before the recordings.
    """
    if form == "json":
        yield from render_json(entries, head)
        return
    from sonogram.inference import audacity, comma_separated, raven

    if form == "csv":
        yield comma_separated([])
    for entry in entries:
        events = _events(entry)
        if "error" in entry:
            yield ""
        elif form == "csv":
            yield comma_separated([(entry["path"], event) for event in events]).partition("\n")[2]
        elif form == "audacity":
            yield audacity(events)
        else:
            yield raven(events, entry["sample_rate"] / 2)


def render_json(entries: Iterable[Entry], head: Mapping[str, Any], with_text: bool = False) -> Iterator[str]:
    """Yield one JSON object in pieces.

    Args:
        entries: The recordings, its list "files".
        head: What it states before the recordings.
        with_text: Whether "text" after them has the text of all recordings, a line for each.
    """
    texts = []
    yield json.dumps(head, allow_nan=False, indent=2)[:-2] + ',\n  "files": ['
    comma = "\n"
    for entry in entries:
        yield comma + textwrap.indent(json.dumps(entry, allow_nan=False, indent=2), "    ")
        comma = ",\n"
        if with_text:
            texts.append(entry.get("text", ""))
    more = f',\n  "text": {json.dumps(chr(10).join(texts))}' if with_text else ""
    yield f"\n  ]{more}\n}}\n"


def _events(entry: Entry) -> list[Any]:
    from sonogram.inference import Event

    return [Event(**event) for event in entry.get("events", ())]


def make_table(paths: Iterable[str], labels: Iterable[str], top: bool) -> Table:
    """Return the table for the terminal, whose rows are printed as they come.

    Args:
        paths: The recordings.
        labels: Labels of the model.
        top: Whether it lists labels of recordings instead of events.
    """
    widths = (max(map(len, paths), default=0), max(map(len, labels), default=0))
    if top:
        return Table(("path", "label", "score"), (*widths, 6), right=(2,))
    head = ("path", "start", "end", "label", "score")
    return Table(head, (widths[0], 8, 8, widths[1], 6), right=(1, 2, 4))


def cells(entry: Entry, top: bool) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a recording for `make_table`."""
    if top:
        for each in entry.get("top", ()):
            yield entry["path"], each["label"], f"{each['score']:.4f}"
        return
    for event in entry.get("events", ()):
        times = f"{event['start']:.2f}", f"{event['end']:.2f}"
        yield entry["path"], *times, event["label"], f"{event['score']:.4f}"
