"""Command `mix`: scenes with exact events from clips and noise."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sonogram.cli.progress import How, Step, report_progress
from sonogram.cli.report import Failures, continuable, echo, usage_errors

__all__ = ["mix"]


def mix(
    data: Annotated[
        str,
        typer.Argument(metavar="CLIPS", help="Folder of class folders, or CSV manifest path,label[,group]."),
    ],
    output: Annotated[str, typer.Option("-o", "--output", metavar="FOLDER", help="Folder for the scenes.")],
    noise: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH",
            help="Recording of background noise, or a folder or manifest of those; repeat it for several.",
            show_default="pink noise",
        ),
    ] = None,
    count: Annotated[int, typer.Option("-n", "--count", metavar="N", min=1, help="Number of scenes.")] = 100,
    seconds: Annotated[float, typer.Option(metavar="SECONDS", help="Length of a scene.")] = 10.0,
    events: Annotated[
        tuple[int, int],
        typer.Option(
            metavar="MIN MAX", help="Fewest and most events of a scene; fewer where they do not fit."
        ),
    ] = (1, 6),
    snr: Annotated[
        tuple[float, float],
        typer.Option(metavar="MIN MAX", help="Lowest and highest level of an event above the noise, dB."),
    ] = (5.0, 25.0),
    overlap: Annotated[int, typer.Option(metavar="N", min=1, help="Largest number of events at a time.")] = 2,
    trim: Annotated[
        float,
        typer.Option(
            metavar="DB", help="Level below the loudest part of a clip at which silence is cut off."
        ),
    ] = 30.0,
    sample_rate: Annotated[int, typer.Option(metavar="HZ", min=1, help="Sample rate of the scenes.")] = 16000,
    parts: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            help="Number of parts to divide the groups of clips into. A scene has clips of one part, "
            "which is its group.",
        ),
    ] = 5,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of all random numbers.")] = 0,
    progress: How = "bar",
) -> None:
    """Mix scenes with exact events from clips and noise. Run it again to continue after an interruption.

    The folder gets the scenes and manifest.csv, path,start,end,label,group: data for `train` and `evaluate`.
    """
    from sonogram.dataset import DatasetReport, Scenes, mix

    settings: dict[str, Any] = {
        "count": count,
        "seconds": seconds,
        "events": events,
        "snr": snr,
        "overlap": overlap,
        "trim": trim,
        "sample_rate": sample_rate,
        "parts": parts,
        "seed": seed,
    }
    with usage_errors():
        Scenes(**settings)
    failures = Failures()
    with continuable(), report_progress(progress) as on_step:
        scenes = mix(
            data,
            output,
            noise=noise or (),
            report=DatasetReport(failures.add),
            on_progress=lambda done, total: on_step(Step(total, done, 0, done * seconds)),
            **settings,
        )
    if progress != "json":
        total = sum(scenes.counts.values())
        echo(f"{output}: {len(scenes)} scenes, {total} events, {len(scenes.classes)} labels")
    failures.end()
