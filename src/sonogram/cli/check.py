"""The command `check`: likely mistakes in a front end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sonogram.cli.report import echo, table, usage, warn
from sonogram.errors import SonogramError

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
) -> None:
    """Check a front end for likely mistakes before you train with it, and print remedies."""
    for name, value in (("--sample-rate", sample_rate), ("--duration", duration)):
        if value == 0:
            raise usage("must be above 0", name)
    findings = _load(definition).check(sample_rate, duration)
    table(
        ("severity", "code", "finding", "remedy"),
        [(one.severity, one.code, one.message, one.remedy) for one in findings],
    )
    wrong = sum(one.severity == "error" for one in findings)
    if wrong:
        warn(f"{definition}: {wrong} error{'' if wrong == 1 else 's'}; see the remedies above")
        raise typer.Exit(1)
    if not any(one.severity == "warning" for one in findings):
        echo(f"{definition}: no mistakes found")


def _load(definition: str) -> Frontend | Preset:
    """Return a preset by its name, or the definition in a JSON file: as a preset too if one equals it."""
    from sonogram.frontend import Frontend
    from sonogram.presets import describe, find

    path = Path(definition)
    if path.suffix.lower() != ".json" and not path.is_file():
        try:
            return describe(definition)
        except SonogramError as error:
            raise usage(f"{error}; or name a JSON file", "PRESET|FILE") from None
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SonogramError(f"{definition}: no such file; check the path") from None
    except (ValueError, IsADirectoryError) as error:
        raise SonogramError(f"{definition}: not JSON ({error}); write it with frontend.to_dict()") from None
    if not isinstance(plain, dict):
        raise SonogramError(f"{definition}: a definition is one JSON object; write it with to_dict()")
    try:
        frontend = Frontend.from_dict(plain)
    except SonogramError as error:
        raise SonogramError(f"{definition}: {error}") from None
    return find(frontend) or frontend
