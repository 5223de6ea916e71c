"""The command `show`: spectrograms of sound files as a picture."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from sonogram.cli.html_page import check_page_options, write_page
from sonogram.cli.options import PRESET, find_any_preset, sound_source
from sonogram.cli.outputs import check_no_input
from sonogram.cli.report import Failures, echo, usage, usage_errors, working

__all__ = ["show"]

_COLORS = "magma, inferno, plasma, viridis, cividis, gray, gray-print"  # a test compares it with COLORS
_MARK = b"Software\0sonogram"
_NOT_OF_PICTURES = {"context", "audio", "output", "html"}
_PART, _SOUND, _LOOK = "What to show", "How to compute it", "How to draw it"


def _option(name: str, metavar: str | None, text: str, panel: str, **more: Any) -> Any:
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel=panel, **more)


def show(
    context: typer.Context,
    audio: Annotated[
        list[str],
        typer.Argument(metavar="AUDIO", help="Sound files, `-` for standard input; or one folder of them."),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Picture to write: .png, .svg or .pdf. By default AUDIO's name with .png.",
        ),
    ] = None,
    html: Annotated[
        str | None,
        typer.Option("--html", metavar="FILE", help="Write a page to look at and listen to, in one file."),
    ] = None,
    start: Annotated[float, _option("--start", "SECONDS", "Beginning of the part to show.", _PART)] = 0.0,
    duration: Annotated[
        float | None, _option("--duration", "SECONDS", "Length of the part. By default to the end.", _PART)
    ] = None,
    low: Annotated[float | None, _option("--low", "HZ", "Lowest frequency to show.", _PART)] = None,
    high: Annotated[float | None, _option("--high", "HZ", "Highest frequency to show.", _PART)] = None,
    channels: Annotated[
        bool, _option("--channels", None, "One panel for each channel, instead of their mix.", _PART)
    ] = False,
    channel: Annotated[
        int | None, _option("--channel", "N", "Only this channel; 1 is the first.", _PART)
    ] = None,
    labels: Annotated[
        str | None,
        _option("--labels", "FILE", "Draw labels: Audacity track, Raven table, CSV of `predict`.", _PART),
    ] = None,
    page: Annotated[
        int | None, _option("--page", "N", "Page of a folder with more than 100 recordings.", _PART, min=1)
    ] = None,
    preset: Annotated[str | None, PRESET] = None,
    window: Annotated[
        int | None,
        _option("--window", "SAMPLES", "Window length. By default it follows the sample rate.", _SOUND),
    ] = None,
    step: Annotated[
        int | None,
        _option("--step", "SAMPLES", "Distance between windows. By default a quarter or less.", _SOUND),
    ] = None,
    fft: Annotated[
        int | None,
        _option("--fft", "SAMPLES", "Length of the Fourier transform, at least the window.", _SOUND),
    ] = None,
    reassigned: Annotated[
        bool, _option("--reassigned", None, "Move energy to where it lies: sharp tones and clicks.", _SOUND)
    ] = False,
    multitaper: Annotated[
        bool, _option("--multitaper", None, "Average over five windows: smooth noise.", _SOUND)
    ] = False,
    axis: Annotated[
        str | None, _option("--axis", "NAME", "Frequency axis: linear, log, mel or note.", _LOOK)
    ] = None,
    time_of_day: Annotated[
        bool,
        _option("--time-of-day", None, "Time of day, by GUANO metadata or the recorder's file name.", _LOOK),
    ] = False,
    shared_time: Annotated[
        bool, _option("--shared-time", None, "Equal widths are equal times in all recordings.", _LOOK)
    ] = False,
    levels: Annotated[
        str,
        _option("--levels", "NAME", "shared: one color scale. own: each recording has its own peak.", _LOOK),
    ] = "shared",
    dynamic_range: Annotated[
        float | None,
        _option("--dynamic-range", "DB", "Down from the peak. By default from the noise floor.", _LOOK),
    ] = None,
    colors: Annotated[
        str | None, _option("--colors", "NAME", f"Color map: {_COLORS}, or any of Matplotlib.", _LOOK)
    ] = None,
    title: Annotated[
        str | None, _option("--title", "TEXT", "Text above the picture. By default AUDIO's name.", _LOOK)
    ] = None,
    size: Annotated[
        str | None, _option("--size", "WxH", "Such as 85x60mm, 3.5x2in, or 1920x1080 (pixels).", _LOOK)
    ] = None,
    dpi: Annotated[int, _option("--dpi", "N", "Pixels per inch.", _LOOK)] = 200,
) -> None:
    """Draw spectrograms of sound files, or of a folder, as one picture."""
    options = {name: value for name, value in locals().items() if name not in _NOT_OF_PICTURES}
    if html is not None:
        check_page_options(context)
        write_page(audio, html, preset=preset, labels=labels, start=start, duration=duration)
        return
    options["preset"] = None if preset is None else find_any_preset(preset)
    # Matplotlib reports on stderr that it builds its list of fonts.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    from sonogram.picture import show as api

    target = _target(audio, output)
    failures = Failures()
    try:
        with working(f"drawing {target}"):
            picture = api.show(list(map(sound_source, audio)), target, **options, on_broken=failures.add)
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
    stem = first.resolve().name if os.path.isdir(first) else "stdin" if audio[0] == "-" else first.stem
    target = Path(f"{stem}{more}.png" if output is None else output)
    with usage_errors("--output"):
        check_path(target if output is None else output)
    check_no_input(target, audio)
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
