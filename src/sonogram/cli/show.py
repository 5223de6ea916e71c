"""The command `show`: spectrograms of sound files as a PNG picture."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from sonogram.cli.options import PRESET
from sonogram.cli.report import Failures, echo, usage, working
from sonogram.errors import SonogramError

__all__ = ["show"]

_COLORS = "magma, inferno, plasma, viridis, cividis, gray, gray-print"  # a test compares it with COLORS
_MARK = b"Software\0sonogram"


def show(
    audio: Annotated[
        list[str],
        typer.Argument(
            metavar="AUDIO", help="Sound files, drawn with a shared color scale; or one folder of them."
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="PNG", help="Picture to write. By default AUDIO's name."),
    ] = None,
    preset: Annotated[str | None, PRESET] = None,
    title: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Text above the picture. By default AUDIO's name."),
    ] = None,
    dynamic_range: Annotated[
        float | None,
        typer.Option(
            "--dynamic-range",
            metavar="DB",
            help="Dynamic range in dB, down from the peak. By default from the noise floor.",
        ),
    ] = None,
    colors: Annotated[str, typer.Option(metavar="NAME", help=f"Color map: {_COLORS}.")] = "magma",
    channels: Annotated[
        bool, typer.Option("--channels", help="Draw one panel for each channel, instead of their mix.")
    ] = False,
    page: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Page of a folder with more than 100 recordings."),
    ] = None,
) -> None:
    """Draw spectrograms of sound files, or of a folder, as one PNG picture."""
    # Matplotlib reports on stderr that it builds its list of fonts.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    from sonogram.picture import show as api

    target = _target(audio, output)
    failures = Failures()
    try:
        with working(f"drawing {target}"):
            picture = api.show(
                audio,
                target,
                preset=preset,
                title=title,
                dynamic_range=dynamic_range,
                colors=colors,
                channels=channels,
                page=page,
                on_broken=failures.add,
            )
    except api.ArgumentError as error:
        option = "AUDIO" if error.argument == "source" else f"--{error.argument.replace('_', '-')}"
        raise usage(str(error), option) from None
    if picture is not None:
        number = page or 1
        more = f"; --page {number + 1} shows more" if number < picture.pages else ""
        echo(f"{target}{': ' if picture.part else ''}{picture.part}{more}")
    failures.end()


def _target(audio: list[str], output: str | None) -> Path:
    """Return the path of the picture, before the work is done."""
    from sonogram.picture import check_path

    more = f"-and-{len(audio) - 1}-more" if len(audio) > 1 else ""
    first = Path(audio[0])
    stem = first.resolve().name if first.is_dir() else first.stem
    target = Path(output or f"{stem}{more}.png")
    try:
        check_path(target)
    except SonogramError as error:
        raise usage(str(error), "--output") from None
    for path in audio:
        if target.exists() and os.path.exists(path) and os.path.samefile(target, path):
            raise usage(f"{target} is an input; name another picture", "--output")
    if output is None and target.exists() and not _is_picture_of_ours(target):
        raise usage(
            f"{target} exists and is not a picture by sonogram; replace it with -o {target}", "--output"
        )
    return target


def _is_picture_of_ours(target: Path) -> bool:
    """Return whether `show` wrote a file: only such a file is replaced by default."""
    try:
        with open(target, "rb") as file:
            return _MARK in file.read(4096)
    except OSError:
        return False
