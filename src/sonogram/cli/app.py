"""The program `sonogram`: its verbs and how it ends."""

from __future__ import annotations

import sys
import warnings
from typing import Annotated

import typer

from sonogram import __version__
from sonogram.cli.check import check
from sonogram.cli.evaluate import evaluate
from sonogram.cli.export import export
from sonogram.cli.extract import extract
from sonogram.cli.info import info
from sonogram.cli.predict import predict
from sonogram.cli.presets import presets
from sonogram.cli.report import INTERRUPTED, guarded, say, warn
from sonogram.cli.resynthesize import hear
from sonogram.cli.show import show
from sonogram.cli.train import train

__all__ = ["app", "main"]

app = typer.Typer(
    name="sonogram",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"sonogram {__version__}")
        raise typer.Exit


@app.callback(epilog="Exit code 0: all done. 1: some inputs failed, each named. 2: wrong usage.")
def sonogram(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Sound to spectrograms, pictures and models."""


for verb in (show, hear, info, presets, check, extract, train, evaluate, predict, export):
    app.command()(guarded(verb))


def main() -> None:
    """Run the program and exits: 0 all done, 1 some inputs failed, 2 wrong usage."""
    with warnings.catch_warnings():
        # A warning is for the user too: one line, without the place in the code.
        warnings.showwarning = lambda message, *_, **__: warn(str(message))
        try:
            app()
        except KeyboardInterrupt:  # before a verb began; then it answers itself
            warn("interrupted")
            sys.exit(INTERRUPTED)
