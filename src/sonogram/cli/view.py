"""The command `view`: recordings in the browser."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import Annotated

import typer

from sonogram.cli.options import find_preset
from sonogram.cli.report import echo, usage, usage_errors, working
from sonogram.cli.start_tensorflow import start_tensorflow

__all__ = ["view"]


def view(
    audio: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[AUDIO]...", help="Sound files, or one folder of them. By default this folder."
        ),
    ] = None,
    preset: Annotated[
        list[str] | None,
        typer.Option(
            "--preset", metavar="NAME|FILE", help="Preset, or a JSON file; give two to compare them."
        ),
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="File or folder for labels. By default next to each sound."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="MODEL", help="A .keras file, whose scores and events are drawn."),
    ] = None,
    verdicts: Annotated[
        str | None,
        typer.Option(metavar="CSV", help="Manifest for what you agree with. By default verdicts.csv."),
    ] = None,
    microphone: Annotated[
        bool, typer.Option("--microphone", help="Record in the page, and see the features meanwhile.")
    ] = False,
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="Port on this machine. By default a free one.")
    ] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
) -> None:
    """Look at recordings in the browser, listen to them and label them.

    Prints the address when the page is ready. Ctrl-C ends it.
    """
    several = "the viewer shows one front end at a time; `sonogram show` draws all parts as a picture"
    integers = "the viewer computes in floating point; `sonogram show` draws the integers as a picture"
    frontends = [find_preset(name, several=several, integers=integers) for name in preset or ()]
    from sonogram.viewer.opening import open_microphone, open_session
    from sonogram.viewer.server import Server

    with working("opening"):
        if microphone:
            _check_alone(audio, labels, model, verdicts)
            session = open_microphone(frontends)
        else:
            if model:
                start_tensorflow()
            session = open_session(
                audio or ["."], frontends, labels=labels, verdicts=verdicts, model=list(model or ())
            )
    with usage_errors("--port"):
        server = Server(session, port=port)

    def ready(url: str) -> None:
        echo(url)
        sys.stdout.flush()
        if not no_open:
            webbrowser.open(url)

    server.run(ready)
    # Threads that compute end at their next block; the exit code does not wait for them.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _check_alone(*others: object) -> None:
    """Refuse recordings, and options about them, next to the microphone."""
    if any(others):
        text = "the microphone takes --preset alone; leave AUDIO and the other options out"
        raise usage(text, "--microphone")
