"""The command `check`: likely mistakes in a front end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from sonogram.cli.options import JSON, find_preset
from sonogram.cli.report import echo, table, usage, warn

if TYPE_CHECKING:
    from sonogram.frontend import Frontend
    from sonogram.presets import Preset

__all__ = ["check"]


def check(
    definition: Annotated[
        str,
        typer.Argument(metavar="PRESET|FILE", help="Published front end, or a JSON file with a definition."),
    ],
    sample_rate: Annotated[
        float | None,
        typer.Option(
            "--sample-rate",
            metavar="HZ",
            min=0,
            help="Sample rate of the recordings. By default that of the front end.",
        ),
    ] = None,
    duration: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, help="Duration of one clip. By default unknown."),
    ] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Check a front end for likely mistakes before you train with it, and print remedies."""
    for name, value in (("--sample-rate", sample_rate), ("--duration", duration)):
        if value == 0:
            raise usage("must be above 0", name)
    findings = _load(definition).check(sample_rate, duration)
    if as_json:
        echo(json.dumps([each._asdict() for each in findings], indent=2, ensure_ascii=False))
    else:
        table(
            ("severity", "code", "finding", "remedy"),
            [(one.severity, one.code, one.message, one.remedy) for one in findings],
        )
    wrong = sum(one.severity == "error" for one in findings)
    if wrong:
        warn(f"{definition}: {wrong} error{'' if wrong == 1 else 's'}; see the remedies above")
        raise typer.Exit(1)
    if not (as_json or any(one.severity == "warning" for one in findings)):
        echo(f"{definition}: no mistakes found")


def _load(name: str) -> Frontend | Preset:
    """Return a preset by its name, or the definition in a JSON file: as a preset too if one equals it."""
    from sonogram.presets import describe, find, preset_names

    frontend = find_preset(name, "PRESET|FILE")
    return describe(name) if name in preset_names() else find(frontend) or frontend
