"""The command `info`: length, rate, channels and format of sound files."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from sonogram.cli.options import JSON, sound_source
from sonogram.cli.report import Failures, echo, table
from sonogram.text import clock

__all__ = ["info"]

_HEAD = ("file", "length", "rate", "channels", "format", "coding", "samples")


def info(
    audio: Annotated[list[str], typer.Argument(metavar="AUDIO", help="Sound files; - is standard input.")],
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Print the length, sample rate, channels and format of sound files."""
    from sonogram import audio as sounds

    failures = Failures()
    found: dict[str, sounds.AudioInfo] = {}
    for path in audio:
        with failures.collect(path):
            found[path] = sounds.info(sound_source(path))
    if as_json:
        files = [{"path": path, **_plain(found[path])} for path in audio if path in found]
        echo(json.dumps(files, indent=2))
    elif found:
        table(_HEAD, [_row(path, found[path]) for path in audio if path in found], right=(1, 2, 3, 6))
    failures.end()


def _row(path: str, facts: Any) -> tuple[str, ...]:
    mark = " (truncated)" if facts.truncated else " (not closed)" if facts.not_closed else ""
    length, rate = clock(facts.duration, 3), f"{facts.sample_rate} Hz"
    return path, length, rate, str(facts.channels), facts.format + mark, facts.subtype, str(facts.num_samples)


def _plain(facts: Any) -> dict[str, Any]:
    return {"duration": round(facts.duration, 6), **vars(facts)}
