"""The verb `show`: sound files to a picture."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sonogram.cli.options import PRESET, find_preset
from sonogram.cli.report import Failures, echo, usage, working
from sonogram.errors import SonogramError

if TYPE_CHECKING:
    from sonogram.frontend import Frontend
    from sonogram.picture import Look, Panel

__all__ = ["show"]

_COLORS = "magma, inferno, plasma, viridis, cividis, gray, gray-print"  # held equal by a test
_MARK = b"Software\0sonogram"


def show(
    audio: Annotated[
        list[str], typer.Argument(metavar="AUDIO", help="Sound files, which share one level; or a folder.")
    ],
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="PNG", help="The picture; AUDIO's name if none is given."),
    ] = None,
    preset: Annotated[str | None, PRESET] = None,
    title: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What stands above; AUDIO's name if not given."),
    ] = None,
    decibels: Annotated[
        float | None,
        typer.Option("--range", metavar="DB", help="Range below the peak; as it fits if not given."),
    ] = None,
    colors: Annotated[str, typer.Option(metavar="NAME", help=f"One of {_COLORS}.")] = "magma",
    channels: Annotated[
        bool, typer.Option("--channels", help="One panel for each channel, not their mix.")
    ] = False,
    page: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Of a folder that fills several pages, which one; the first if not given.",
        ),
    ] = None,
) -> None:
    """Draw spectrograms of sound files, or of a folder, into one PNG picture."""
    # Matplotlib notes on stderr that it makes its list of fonts; nobody needs to know.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    _check_count(audio)
    folder = len(audio) == 1 and os.path.isdir(audio[0])
    if folder and channels:
        raise usage("a page mixes the channels of each recording; name the files to see them", "--channels")
    if not folder and page is not None:
        raise usage("sound files are one picture; only a folder has pages", "--page")
    look = _look(colors, decibels)
    frontend = None if preset is None else find_preset(preset)
    target = _target(audio, output)
    failures = Failures()
    if folder:
        from sonogram.cli.sheet import Page, draw_folder

        draw_folder(Page(audio[0], page or 1, frontend, title, look), target, failures)
        failures.end()
        return
    panels: list[Panel] = []
    for path in audio:
        with failures.collect(path), working(f"reading {path}"):
            panels += _panels(path, frontend, not channels, title if len(audio) == 1 else None)
    if panels:
        with failures.collect(str(target)), working(f"drawing {target}"):
            from sonogram.picture import stack, write

            write(stack(panels, title=title if len(audio) > 1 else None, look=look), target)
            echo(f"{target}")
    failures.end()


def _panels(path: str, frontend: Frontend | None, mono: bool, title: str | None) -> list[Panel]:
    from sonogram.picture import file_panels

    if os.path.isdir(path):
        raise SonogramError(f"{path}: is a folder; show it alone, or name the sound files in it")
    return file_panels(path, frontend, mono=mono, title=title)


def _check_count(audio: list[str]) -> None:
    from sonogram.picture import MAX_PANELS

    if len(audio) > MAX_PANELS:
        message = f"one picture shows at most {MAX_PANELS} files, not {len(audio)}; draw several"
        raise usage(message, "AUDIO")


def _look(colors: str, decibels: float | None) -> Look:
    from sonogram.picture import COLORS, Look

    try:
        return Look(colors, decibels)
    except SonogramError as error:
        wrong = "--range" if colors in COLORS else "--colors"
        raise usage(str(error), wrong) from None


def _target(audio: list[str], output: str | None) -> Path:
    """Where the picture goes; found before the work is done."""
    from sonogram.picture import checked

    more = f"-and-{len(audio) - 1}-more" if len(audio) > 1 else ""
    first = Path(audio[0])
    stem = first.resolve().name if first.is_dir() else first.stem
    target = Path(output or f"{stem}{more}.png")
    try:
        checked(target)
    except SonogramError as error:
        raise usage(str(error), "--output") from None
    for path in audio:
        if target.exists() and os.path.exists(path) and os.path.samefile(target, path):
            raise usage(f"{target} is an input; name another picture", "--output")
    if output is None and target.exists() and not _is_ours(target):
        raise usage(f"{target} is there and no picture of ours; name it to replace it", "--output")
    return target


def _is_ours(target: Path) -> bool:
    """Whether a file is a picture that `show` made: only that is replaced unasked."""
    try:
        with open(target, "rb") as file:
            return _MARK in file.read(4096)
    except OSError:
        return False
