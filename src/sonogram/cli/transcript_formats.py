"""Transcripts as text: a table, JSON, CSV, CTM, subtitles, label tracks, piece by piece as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sonogram.cli.prediction_formats import Entry, render_json

__all__ = ["FORMATS", "OWN_FILE", "forms_of", "render", "shared_ctm_names"]

FORMATS = {
    "text": ".txt",
    "json": ".json",
    "csv": ".csv",
    "srt": ".srt",
    "vtt": ".vtt",
    "ctm": ".ctm",
    "audacity": ".txt",
}
"""End of the name of a file, by format."""
OWN_FILE = {name: FORMATS[name] for name in ("text", "srt", "vtt", "audacity")}
"""Formats that have one file for each recording."""


def forms_of(output: str) -> list[str]:
    """Return the formats that the end of a file name stands for, the usual one first."""
    return [name for name, ending in FORMATS.items() if output.lower().endswith(ending)]


def shared_ctm_names(paths: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield two recordings and their name in CTM, for each that has the name of an earlier one."""
    from sonogram.decoding.transcript import ctm_name

    first: dict[str, str] = {}
    for path in paths:
        name = ctm_name(path)
        if first.setdefault(name, path) != path:
            yield first[name], path, name


def render(form: str, entries: Iterable[Entry], head: Mapping[str, Any]) -> Iterator[str]:
    """Yield the text of a format in pieces, at least one for each recording.

    Args:
        form: One of `FORMATS`.
        entries: The recordings, as `Transcript.to_dict` returns them, with their path; or path and error.
        head: What JSON states before the recordings.
    """
    if form == "json":
        yield from render_json(entries, head, with_text=True)
        return
    if form == "csv":
        yield "path,start,end,label,score\n"
    for entry in entries:
        yield "" if "error" in entry else _render(form, entry)


def _render(form: str, entry: Entry) -> str:
    from sonogram.decoding import Word, transcript
    from sonogram.files import Label, LabelFile

    if form == "text":
        return f"{entry['text']}\n"
    words = [Word(each["word"], each["start"], each["end"], each["score"]) for each in entry["words"]]
    if form == "audacity":
        labels = [Label(word.start, max(word.start, word.end), text=word.text) for word in words]
        return LabelFile.new("audacity").edit({}, labels).text
    if form in ("csv", "ctm"):
        rows = transcript.render_table if form == "csv" else transcript.render_ctm
        return rows(entry["path"], words)
    return transcript.render_srt(words) if form == "srt" else transcript.render_vtt(words)
