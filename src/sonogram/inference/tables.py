"""Events as text for other programs: CSV, Audacity label tracks, Raven selection tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from sonogram.inference.timeline import Event

__all__ = ["CSV_COLUMNS", "RAVEN_COLUMNS", "audacity", "comma_separated", "raven"]

CSV_COLUMNS = ("path", "start", "end", "label", "score")
"""Columns of the CSV file; start and end in seconds."""
RAVEN_COLUMNS = (
    "Selection",
    "View",
    "Channel",
    "Begin Time (s)",
    "End Time (s)",
    "Low Freq (Hz)",
    "High Freq (Hz)",
    "Annotation",
    "Score",
)
"""Columns of a selection table: seven of Raven itself, and two annotations."""


def comma_separated(rows: Iterable[tuple[str, Event]]) -> str:
    """Return a CSV file of the events of several files.

    Args:
        rows: Path of the file and event, for each event.

    Example:
        >>> print(comma_separated([("yard.wav", Event(0.5, 2.0, "dog", 0.75))]), end="")
        path,start,end,label,score
        yard.wav,0.5,2.0,dog,0.75
    """
    lines = [
        (path, round(event.start, 6), round(event.end, 6), event.label, round(event.score, 6))
        for path, event in rows
    ]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([CSV_COLUMNS, *lines])
    return text.getvalue()


def audacity(events: Iterable[Event]) -> str:
    r"""Return a label track for Audacity (File > Import > Labels).

    Args:
        events: Events of one file.

    Example:
        >>> audacity([Event(0.5, 2.0, "dog", 0.75)])
        '0.500000\t2.000000\tdog 0.75\n'
    """
    # Audacity has no quoting: a tab or a line break in a label would begin another field.
    return "".join(
        f"{event.start:.6f}\t{event.end:.6f}\t{_plain(event.label)} {event.score:.2f}\n" for event in events
    )


def raven(events: Iterable[Event], highest_hz: float) -> str:
    """Return a selection table for Raven (File > Open Selection Table).

    Args:
        events: The events.
        highest_hz: Upper edge of each selection, which is a box in time and frequency, Hz.

    Example:
        >>> print(raven([Event(0.5, 2.0, "dog", 0.75)], 8000).splitlines()[1].replace(chr(9), " "))
        1 Spectrogram 1 1 0.500000 2.000000 0.0 8000.0 dog 0.7500
    """
    lines = [
        (
            str(number),
            "Spectrogram 1",
            "1",
            f"{event.start:.6f}",
            f"{event.end:.6f}",
            "0.0",
            f"{highest_hz:.1f}",
            _plain(event.label),
            f"{event.score:.4f}",
        )
        for number, event in enumerate(events, 1)
    ]
    return "".join("\t".join(line) + "\n" for line in [RAVEN_COLUMNS, *lines])


def _plain(label: str) -> str:
    return " ".join(label.split())
