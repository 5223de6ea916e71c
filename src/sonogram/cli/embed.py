"""The command `embed`: embeddings of recordings to disk, for `find`, `suggest` and `train --bank`."""

from __future__ import annotations

import functools
from typing import Annotated

import typer

from sonogram.cli.extraction_run import executor_of, run_extraction
from sonogram.cli.options import CLUSTER, PARTIAL, RETRY, WORKERS, find_backbone
from sonogram.cli.progress import How
from sonogram.cli.report import working
from sonogram.cli.start_tensorflow import start_tensorflow

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
    jobs: Annotated[int | None, WORKERS] = None,
    cluster: Annotated[str | None, CLUSTER] = None,
    partial: Annotated[bool, PARTIAL] = False,
    retry: Annotated[bool, RETRY] = False,
    progress: How = "bar",
) -> None:
    """Write a bank: the embeddings of the windows of recordings, to search and to train on.

    Run it again to continue where it was interrupted, or to add recordings.
    """
    find_backbone(backbone).path()
    with working("starting TensorFlow"):
        start_tensorflow()
        from sonogram import search
    run_extraction(
        functools.partial(
            search.embed, inputs, output, backbone, window=window, step=step, partial=partial, retry=retry
        ),
        executor_of(jobs, False, cluster),
        output,
        progress,
    )
