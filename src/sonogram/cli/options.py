"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import typer

from sonogram.cli.report import usage
from sonogram.errors import SonogramError

if TYPE_CHECKING:
    from sonogram.audio import SoundSource
    from sonogram.backbones import Card
    from sonogram.definitions import AnyFrontend
    from sonogram.frontend import Frontend

__all__ = [
    "CLUSTER",
    "JOBS",
    "JSON",
    "PARTIAL",
    "PRESET",
    "RETRY",
    "WORKERS",
    "check_format",
    "find_any_preset",
    "find_backbone",
    "find_preset",
    "sound_source",
]

PRESET: Any = typer.Option(
    "--preset",
    metavar="NAME|FILE",
    help="Published front end (`sonogram presets` lists them), or a JSON file with one of your own.",
)
"""The option `--preset NAME|FILE`: write `preset: Annotated[str, PRESET]`."""

JSON: Any = typer.Option("--json", help="Print JSON.")
"""The option `--json`: write `as_json: Annotated[bool, JSON] = False`."""

JOBS: Any = typer.Option(
    "--jobs",
    metavar="N",
    min=1,
    help="Number of recordings at a time.",
    show_default="one per core, at most 8",
)
"""The option `--jobs N`: write `jobs: Annotated[int | None, JOBS] = None`."""

WORKERS: Any = typer.Option(
    "--jobs", metavar="N", min=1, help="Number of parallel workers.", show_default="one per core"
)
"""The option `--jobs N` of an extraction: write `jobs: Annotated[int | None, WORKERS] = None`."""

CLUSTER: Any = typer.Option(
    "--cluster", metavar="ADDRESS", help="Run on the Dask scheduler at this address: tcp://host:8786."
)
"""The option `--cluster ADDRESS`: write `cluster: Annotated[str | None, CLUSTER] = None`."""

RETRY: Any = typer.Option("--retry", help="Try unchanged inputs again that failed before.")
"""The option `--retry`: write `retry: Annotated[bool, RETRY] = False`."""

PARTIAL: Any = typer.Option(
    "--partial", help="Read what is there of truncated recordings, instead of refusing them."
)
"""The option `--partial`: write `partial: Annotated[bool, PARTIAL] = False`."""


def check_format(form: str | None, formats: Collection[str], as_json: bool = False) -> str | None:
    """Return the format that `--format` or `--json` names; None without both."""
    if form is not None and form not in formats:
        raise usage(f"one of {', '.join(formats)}; got {form!r}", "--format")
    if as_json and form not in (None, "json"):
        raise usage(f"--json and --format {form} exclude one another", "--json")
    return "json" if as_json else form


def sound_source(path: str) -> SoundSource:
    """Return the source that AUDIO names: standard input for `-`, read once, else the path."""
    if path != "-":
        return path
    from sonogram.audio import hold

    if sys.stdin is None or sys.stdin.isatty():
        raise usage("standard input is a terminal; pipe a sound into it, or name a file", "-")
    return hold(sys.stdin.buffer, "-")


def find_preset(name: str, *, several: str, integers: str) -> Frontend:
    """Return the one front end that `--preset` names; an unknown name is wrong usage, a broken file is not.

    Args:
        name: Name of a preset, or of a JSON file.
        several: Why the command takes no `Bundle` or `Spatial`, and what to do.
        integers: The same of a `MicroFrontend`.
    """
    from sonogram.frontend import Frontend
    from sonogram.micro import MicroFrontend

    found = find_any_preset(name)
    if not isinstance(found, Frontend):
        reason = integers if isinstance(found, MicroFrontend) else several
        raise usage(f"{name} is a {type(found).__name__}: {reason}", "--preset")
    return found


def find_any_preset(name: str, option: str = "--preset") -> AnyFrontend:
    """Return the definition that an option names, also a `Bundle`, `Spatial` or `MicroFrontend`."""
    from sonogram.presets import preset
    from sonogram.presets.file import names_file

    try:
        return preset(name)
    except SonogramError as error:
        if names_file(name):
            raise
        raise usage(f"{error}; or name a JSON file", option) from None


def find_backbone(name: str, option: str = "--backbone") -> Card:
    """Return the backbone that an option names; an unknown name is wrong usage, a broken file is not."""
    from sonogram.backbones import CARDS, card

    try:
        return card(name)
    except SonogramError as error:
        if name in {each.name for each in CARDS} or os.path.exists(name):
            raise
        raise usage(str(error), option) from None
