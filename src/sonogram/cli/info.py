"""The verb `info`: what sound files hold."""

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
    """Tell what sound files hold: length, rate, channels, format."""
    from sonogram.audio import info as facts_of

    failures = Failures()
    rows: list[tuple[str, ...]] = []
    for path in audio:
        with failures.collect(path):
            facts = facts_of(path)
            rows.append(
                (
                    path,
                    clock(facts.duration, 3),
                    f"{facts.sample_rate} Hz",
                    str(facts.channels),
                    facts.format + (" (not closed)" if facts.not_closed else ""),
                    facts.subtype,
                    str(facts.num_samples),
                )
            )
    if rows:
        table(_HEAD, rows, right=(1, 2, 3, 6))
    failures.end()
