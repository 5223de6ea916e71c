"""The command `export-frontend`: a front end as source code for microcontrollers."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from sonogram.cli.options import find_preset
from sonogram.cli.report import echo

__all__ = ["export_frontend"]

# A test compares these with the package's: help must not wait for NumPy.
Target: TypeAlias = Literal["c"]


def export_frontend(
    definition: Annotated[
        str,
        typer.Argument(metavar="PRESET|FILE", help="Published front end, or a JSON file with a definition."),
    ],
    output: Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="Output folder.")],
    target: Annotated[Target, typer.Option(help="Language of the source.")] = "c",
) -> None:
    """Export a front end as C source for microcontrollers, with samples and features to check it.

    `make` in the folder compiles it and compares its features. For a model with its front end inside, see
    `sonogram export`.
    """
    frontend = find_preset(definition, "PRESET|FILE")
    from sonogram.embedded import export_frontend

    written = export_frontend(frontend, output, target)
    constants, state = written.constants_bytes / 1000, written.state_bytes / 1000
    echo(
        f"{output}: {constants:.1f} kB of constants, {state:.1f} kB of state; check it with make -C {output}"
    )
