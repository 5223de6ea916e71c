"""The verb `hear`: what a front end keeps of a sound, as sound."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from sonogram.cli.report import echo, usage, working
from sonogram.errors import SonogramError

if TYPE_CHECKING:
    from sonogram.frontend import Frontend

__all__ = ["hear"]


def hear(
    audio: Annotated[str, typer.Argument(metavar="AUDIO", help="A sound file.")],
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="WAV", help="Where the sound goes: .wav, .flac or .ogg."),
    ],
    preset: Annotated[
        str,
        typer.Option(metavar="NAME", help="A published front end; `sonogram presets` lists them."),
    ],
    iterations: Annotated[
        int, typer.Option(metavar="N", min=0, help="Rounds in which the phases are found.")
    ] = 32,
) -> None:
    """Make the features of a sound audible: what a front end keeps of it."""
    if os.path.splitext(output)[1].lower() not in (".wav", ".flac", ".ogg"):
        raise usage(f"{output}: name a file that ends in .wav, .flac or .ogg", "--output")
    if os.path.exists(output) and os.path.exists(audio) and os.path.samefile(output, audio):
        raise usage(f"{output} is the input; name another file", "--output")
    frontend = _frontend(preset)
    from sonogram.audio import load, save
    from sonogram.inversion.griffin_lim import griffin_lim

    with working(f"listening to {audio}"):
        samples, sample_rate = load(audio, int(frontend.sample_rate))
        if not frontend.num_frames(len(samples)):
            raise SonogramError(
                f"{audio}: is shorter than one frame of {preset}, {frontend.frame_length} samples"
            )
        heard = griffin_lim(frontend(samples), frontend, len(samples), iterations)
        peak = float(abs(heard).max())
        # FLAC and Ogg hold no more than full scale.
        save(output, heard / peak if peak > 1 else heard, sample_rate)
    echo(output)


def _frontend(name: str) -> Frontend:
    from sonogram.inversion.restore import check_restorable
    from sonogram.presets import preset

    try:
        frontend = preset(name)
        check_restorable(frontend)
    except SonogramError as error:
        raise usage(str(error), "--preset") from None
    return frontend
