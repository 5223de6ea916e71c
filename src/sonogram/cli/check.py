"""The command `check`: likely mistakes in a front end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonogram.cli.options import JSON, find_any_preset
from sonogram.cli.report import echo, table, usage, warn

if TYPE_CHECKING:
    from sonogram.checks import Finding

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
    findings = _check(definition, sample_rate, duration)
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


def _check(name: str, sample_rate: float | None, duration: float | None) -> tuple[Finding, ...]:
    """Return the findings of a preset, or of a definition in a JSON file: of the preset that equals it."""
    from sonogram.checks import check_micro
    from sonogram.micro import MicroFrontend
    from sonogram.presets import describe, find
    from sonogram.presets.file import names_file

    definition: Any = find_any_preset(name, "PRESET|FILE")
    published = find(definition) if names_file(name) else describe(name)
    if published is None and isinstance(definition, MicroFrontend):
        return check_micro(definition, sample_rate, duration)
    found: tuple[Finding, ...] = (published or definition).check(sample_rate, duration)
    return found
