"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from sonogram.cli.report import usage
from sonogram.errors import SonogramError

if TYPE_CHECKING:
    from sonogram.frontend import Frontend

__all__ = ["PARTIAL", "PRESET", "find_preset"]

PRESET: Any = typer.Option(
    "--preset", metavar="NAME", help="Published front end; `sonogram presets` lists them."
)
"""The option `--preset NAME`: write `preset: Annotated[str, PRESET]`."""

PARTIAL: Any = typer.Option(
    "--partial", help="Read what is there of truncated recordings, instead of refusing them."
)
"""The option `--partial`: write `partial: Annotated[bool, PARTIAL] = False`."""


def find_preset(name: str) -> Frontend:
    """Return the front end of `--preset`; an unknown name is wrong usage."""
    from sonogram.presets import preset

    try:
        return preset(name)
    except SonogramError as error:
        raise usage(str(error), "--preset") from None
