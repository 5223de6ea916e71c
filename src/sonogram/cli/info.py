"""The command `info`: length, rate, channels and format of sound files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any

import typer

from sonogram.cli.options import JSON, sound_source
from sonogram.cli.report import Failures, echo, table
from sonogram.errors import AudioError
from sonogram.text import clock

__all__ = ["info"]

_HEAD = ("file", "length", "rate", "channels", "format", "coding", "samples")

_MIX_SECONDS = 5.0
"""How much of a recording with several channels is mixed, to see whether they cancel."""


def info(
    audio: Annotated[
        list[str], typer.Argument(metavar="AUDIO", help="Sound files and folders; - is standard input.")
    ],
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Print the length, sample rate, channels and format of sound files."""
    from sonogram import audio as sounds

    failures = Failures()
    found: dict[str, sounds.AudioInfo] = {}
    paths = [each for path in audio for each in _files(path, failures)]
    for path in paths:
        with failures.collect(path):
            source = sound_source(path)
            found[path] = sounds.info(source)
            if found[path].channels > 1:
                with suppress(AudioError):  # only the warning of channels that cancel one another is wanted
                    sounds.load(source, duration=_MIX_SECONDS, partial=True)
    if as_json:
        files = [{"path": path, **_plain(found[path])} for path in paths if path in found]
        echo(json.dumps(files, indent=2))
    elif found:
        table(_HEAD, [_row(path, found[path]) for path in paths if path in found], right=(1, 2, 3, 6))
    failures.end()


def _files(path: str, failures: Failures) -> Iterator[str]:
    """Yield the sound files of a folder; anything else as it is."""
    from sonogram.files import find_each

    if not os.path.isdir(path):
        yield path
        return
    for each in find_each([path]):
        if each.problem:
            failures.add(each.problem)
        else:
            yield each.path


def _row(path: str, facts: Any) -> tuple[str, ...]:
    mark = " (truncated)" if facts.truncated else " (not closed)" if facts.not_closed else ""
    length, rate = clock(facts.duration, 3), f"{facts.sample_rate} Hz"
    return path, length, rate, str(facts.channels), facts.format + mark, facts.subtype, str(facts.num_samples)


def _plain(facts: Any) -> dict[str, Any]:
    return {"duration": round(facts.duration, 6), **vars(facts)}
