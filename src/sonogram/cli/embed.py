"""The command `embed`: embeddings of recordings to disk, for `find`, `suggest` and `train --bank`."""

from __future__ import annotations

from typing import Annotated

import typer

from sonogram.cli.extract import executor_of, step_of, summary_of
from sonogram.cli.options import PARTIAL
from sonogram.cli.progress import How, report_progress
from sonogram.cli.ready import ready
from sonogram.cli.report import INTERRUPTED, echo, usage, warn, working
from sonogram.errors import SonogramError

__all__ = ["embed"]


def embed(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT", help="Sound files, folders, globs, CSV manifests.")
    ],
    output: Annotated[str, typer.Option("-o", "--output", metavar="BANK", help="Output folder.")],
    backbone: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE", help="Published network (`sonogram backbones`), or a file of your own."
        ),
    ],
    window: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Length of a window: about that of the sounds to find.",
            show_default="2",
        ),
    ] = None,
    step: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Step from window to window.", show_default="half a window"),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Number of parallel workers.", show_default="one per core"),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Run on the Dask scheduler at this address: tcp://host:8786."),
    ] = None,
    partial: Annotated[bool, PARTIAL] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try unchanged inputs again that failed before.")
    ] = False,
    progress: How = "bar",
) -> None:
    """Write a bank: the embeddings of the windows of recordings, to search and to train on.

    Run it again to continue where it was interrupted, or to add recordings.
    """
    from sonogram.backbones import card

    try:
        card(backbone).path()
    except SonogramError as error:
        if "there is no backbone" in str(error):
            raise usage(str(error), "--backbone") from None
        raise
    with working("starting TensorFlow"):
        ready()
        from sonogram import search
    try:
        with executor_of(jobs, False, cluster) as executor, report_progress(progress) as on_step:
            report = search.embed(
                inputs,
                output,
                backbone,
                window=window,
                step=step,
                partial=partial,
                retry=retry,
                executor=executor,
                on_progress=lambda progress: on_step(step_of(progress)),
            )
    except KeyboardInterrupt:
        warn("interrupted; run the same command again to continue")
        raise typer.Exit(INTERRUPTED) from None
    if progress != "json":
        echo(f"{output}: {summary_of(report)}")
    if report.failed:
        raise typer.Exit(1)
