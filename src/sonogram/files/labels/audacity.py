r"""Label tracks of Audacity: start, end and text, and in a second line the frequencies of a box.

Source: the Audacity manual, "Importing and Exporting Labels": a label that has frequencies is followed by a
line of `\`, the lower and the upper one.
"""

from __future__ import annotations

from collections.abc import Sequence

from sonogram.files.labels.label import Entry, InLine, Label, frequency, number, on_one_line

__all__ = ["entries", "render"]

_FORM = "a label is start, end and text, separated by tabs"


def entries(lines: Sequence[str]) -> tuple[Entry, ...]:
    """Return the labels of a track."""
    found: list[Entry] = []
    for place, line in enumerate(lines):
        if not line.strip():
            continue
        cells = line.rstrip("\r\n").split("\t")
        with InLine(place + 1, line.rstrip("\r\n"), _FORM):
            if cells[0] != "\\":
                text = "\t".join(cells[2:]).strip()
                found.append(Entry(Label(number(cells[0]), number(cells[1]), text=text), (place,)))
            elif found and len(cells) >= 3:
                label, places = found[-1]
                low, high = (frequency(cell) for cell in cells[1:3])
                found[-1] = Entry(Label(label.start, label.end, low, high, label.text), (*places, place))
    return tuple(found)


def render(label: Label, newline: str) -> str:
    """Return the lines of a label."""
    text = f"{label.start:.6f}\t{label.end:.6f}\t{on_one_line(label.text)}{newline}"
    if label.low is None and label.high is None:
        return text
    low, high = (-1 if edge is None else edge for edge in (label.low, label.high))
    return f"{text}\\\t{low:.6f}\t{high:.6f}{newline}"
