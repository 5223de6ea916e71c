"""The program `sonogram`: its commands and how it ends."""

from __future__ import annotations

import copy
import gc
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated

import typer

from sonogram import __version__
from sonogram.cli.align import align
from sonogram.cli.backbones import backbones
from sonogram.cli.check import check
from sonogram.cli.command import Command
from sonogram.cli.embed import embed
from sonogram.cli.evaluate import evaluate
from sonogram.cli.export import export
from sonogram.cli.export_frontend import export_frontend
from sonogram.cli.extract import extract
from sonogram.cli.find import find, suggest
from sonogram.cli.info import info
from sonogram.cli.mix import mix
from sonogram.cli.predict import predict
from sonogram.cli.presets import presets
from sonogram.cli.report import INTERRUPTED, echo, guard, open_closed_streams, show_warnings, warn
from sonogram.cli.resynthesize import resynthesize
from sonogram.cli.show import show
from sonogram.cli.train import train
from sonogram.cli.transcribe import transcribe
from sonogram.cli.view import view

__all__ = ["app", "main", "program"]

app = typer.Typer(
    name="sonogram",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:
    if value:
        echo(f"sonogram {__version__}")
        raise typer.Exit


@app.callback(
    epilog="Exit code 0: all done. 1: some inputs failed, each in one line on stderr. 2: wrong usage. "
    "130: interrupted with Ctrl-C."
)
def sonogram(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Sound to spectrograms, pictures and models."""


_COMMANDS = (
    *(show, view, resynthesize, info, presets, check, extract),
    *(
        backbones,
        embed,
        find,
        suggest,
        mix,
        train,
        evaluate,
        predict,
        transcribe,
        align,
        export,
        export_frontend,
    ),
)
for command in _COMMANDS:
    app.command(cls=Command)(guard(command))


def program(arguments: Sequence[str]) -> typer.Typer:
    """Return the program with the command that the arguments name; with all commands if they name none.

    Typer evaluates the options of all its commands before it runs one.
    """
    name = arguments[0].replace("-", "_") if arguments else ""
    named = [each for each in app.registered_commands if getattr(each.callback, "__name__", "") == name]
    if not named:
        return app
    one = copy.copy(app)
    one.registered_commands = named
    return one


def main() -> None:
    """Run the program and exit: 0 all done, 1 some inputs failed, 2 wrong usage, 130 Ctrl-C."""
    open_closed_streams()
    # Modules are many objects and no garbage: looking through them takes 6 % of the time of a short command.
    gc.set_threshold(50_000)
    # No command opens a window. Notebooks set a backend that is not installed here, and Matplotlib, also when
    # Keras imports it, would refuse to start.
    os.environ.pop("MPLBACKEND", None)
    with warnings.catch_warnings():
        show_warnings()
        try:
            program(sys.argv[1:])()
        except KeyboardInterrupt:  # before a command began; each reports it itself
            warn("interrupted")
            sys.exit(INTERRUPTED)
