"""The option `--html` of `show`: a recording as one HTML file."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from sonogram.cli.options import find_preset
from sonogram.cli.outputs import check_no_input
from sonogram.cli.report import echo, usage, working

__all__ = ["check_page_options", "write_page"]

_OPTIONS = {"audio", "html", "preset", "labels", "start", "duration"}


def check_page_options(context: typer.Context) -> None:
    """Refuse the options of `show` that belong to a picture: they are chosen in the page."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if name not in _OPTIONS and source is not None and source.name == "COMMANDLINE":
            option = f"--{name.replace('_', '-')}"
            if name == "output":
                raise usage("--html names the file of the page; leave one of both out", option)
            raise usage(f"{option} is for pictures, and chosen in a page itself; leave it out", option)


def write_page(
    audio: list[str],
    target: str,
    *,
    preset: str | None,
    labels: str | None,
    start: float,
    duration: float | None,
) -> None:
    """Write the page of one recording.

    Args:
        audio: The sound file, alone in its list.
        target: HTML file to write.
        preset: Name of a front end; None chooses a definition for viewing.
        labels: Label file of the whole recording; None is the one next to the sound.
        start: Beginning of the part, seconds.
        duration: Length of the part, seconds; None is all.
    """
    frontend = (
        None
        if preset is None
        else find_preset(
            preset,
            several="a page shows one front end; `sonogram show` draws all parts as a picture",
            integers="a page computes in floating point; `sonogram show` draws the integers as a picture",
        )
    )
    if len(audio) > 1 or os.path.isdir(audio[0]):
        raise usage("a page holds one recording; name one sound file", "AUDIO")
    path = Path(target)
    if path.suffix.lower() not in (".html", ".htm"):
        raise usage(
            f"{target}: a page is written as HTML; name it {path.with_suffix('.html').name}", "--html"
        )
    if path.is_dir():
        raise usage(f"{target} is a folder; name a file", "--html")
    check_no_input(target, audio, "--html")
    from sonogram.audio import load
    from sonogram.viewer.html import save_page

    with working(f"writing {target}"):
        if not start and duration is None:
            save_page(audio[0], path, preset=frontend, labels=labels)
        elif labels is not None:
            raise usage(
                "labels are those of the whole recording; leave --start and --duration out", "--labels"
            )
        else:
            save_page(load(audio[0], offset=start, duration=duration), path, preset=frontend)
    echo(target)
