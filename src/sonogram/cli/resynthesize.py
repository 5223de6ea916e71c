"""The command `resynthesize`: sound from the features of a sound."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from sonogram.cli.options import PRESET, find_preset, sound_source
from sonogram.cli.outputs import check_no_input
from sonogram.cli.report import echo, usage, usage_errors, working

if TYPE_CHECKING:
    from sonogram.frontend import Frontend

__all__ = ["resynthesize"]


def resynthesize(
    audio: Annotated[str, typer.Argument(metavar="AUDIO", help="Sound file; - is standard input.")],
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="WAV", help="Output file: .wav, .flac or .ogg."),
    ],
    preset: Annotated[str, PRESET],
    iterations: Annotated[
        int, typer.Option(metavar="N", min=0, help="Number of Griffin-Lim iterations; more reduce artifacts.")
    ] = 32,
) -> None:
    """Compute the features of a sound, and a sound from these features alone, to listen to what they keep."""
    if os.path.splitext(output)[1].lower() not in (".wav", ".flac", ".ogg"):
        raise usage(f"{output}: name a file that ends in .wav, .flac or .ogg", "--output")
    check_no_input(output, [audio])
    frontend = _frontend(preset)
    from sonogram.audio import save
    from sonogram.inversion import resynthesize

    with working(f"resynthesizing {audio}"):
        samples, sample_rate = resynthesize(sound_source(audio), frontend, iterations)
        # FLAC and Ogg hold values up to full scale only.
        save(output, samples / max(1.0, float(abs(samples).max())), sample_rate)
    echo(output)


def _frontend(name: str) -> Frontend:
    from sonogram.obstacles import require_possible

    frontend = find_preset(
        name,
        several="each of its front ends has an inverse of its own; write one of them as JSON, name the file",
        integers="its noise reduction and its gain have no inverse; name another front end",
    )
    with usage_errors("--preset"):
        require_possible(frontend, "magnitudes")
    return frontend
