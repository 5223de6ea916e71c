"""The command `info`: length, rate, channels and format of sound files."""

from __future__ import annotations

from typing import Annotated

import typer

from sonogram.cli.report import Failures, table
from sonogram.text import clock

__all__ = ["info"]

_HEAD = ("file", "length", "rate", "channels", "format", "coding", "samples")


def info(
    audio: Annotated[list[str], typer.Argument(metavar="AUDIO", help="Sound files.")],
) -> None:
    """Print the length, sample rate, channels and format of sound files."""
    from sonogram import audio as sounds

    failures = Failures()
    rows: list[tuple[str, ...]] = []
    for path in audio:
        with failures.collect(path):
            facts = sounds.info(path)
            mark = " (truncated)" if facts.truncated else " (not closed)" if facts.not_closed else ""
            container = facts.format + mark
            length, rate = clock(facts.duration, 3), f"{facts.sample_rate} Hz"
            channels, samples = str(facts.channels), str(facts.num_samples)
            rows.append((path, length, rate, channels, container, facts.subtype, samples))
    if rows:
        table(_HEAD, rows, right=(1, 2, 3, 6))
    failures.end()
