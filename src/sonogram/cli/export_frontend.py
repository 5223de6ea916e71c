"""The command `export-frontend`: a front end for microcontrollers, or for browsers."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import typer

from sonogram.cli.options import find_any_preset
from sonogram.cli.report import echo

__all__ = ["export_frontend"]

# A test compares these with the package's: help must not wait for NumPy.
Target: TypeAlias = Literal["c", "web"]


def export_frontend(
    definition: Annotated[
        str,
        typer.Argument(metavar="PRESET|FILE", help="Published front end, or a JSON file with a definition."),
    ],
    output: Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="Output folder.")],
    target: Annotated[Target, typer.Option(help="C source, or files for browsers and Node.")] = "c",
) -> None:
    """Export a front end as C source for microcontrollers, or for browsers and Node.

    C source comes with samples and features: `make` in the folder compiles it and compares them. For a model
    with its front end inside, see `sonogram export`.
    """
    frontend: Any = find_any_preset(definition, "PRESET|FILE")  # the export names those it cannot write
    from sonogram.embedded import export_frontend

    written = export_frontend(frontend, output, target)
    if written.state_bytes is None:
        echo(f"{output}: {written.constants_bytes / 1000:.0f} kB, import {{ Engine }} from sonogram.js")
        return
    constants, state = written.constants_bytes / 1000, written.state_bytes / 1000
    echo(
        f"{output}: {constants:.1f} kB of constants, {state:.1f} kB of state; check it with make -C {output}"
    )
