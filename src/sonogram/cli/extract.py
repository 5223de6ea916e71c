"""The command `extract`: features of many files to disk."""

from __future__ import annotations

import functools
from typing import Annotated, Literal

import typer

from sonogram.cli.extraction_run import executor_of, run_extraction
from sonogram.cli.options import CLUSTER, PARTIAL, PRESET, RETRY, WORKERS, find_any_preset
from sonogram.cli.progress import How
from sonogram.cli.report import usage

__all__ = ["extract"]


def extract(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT", help="Sound files, folders, globs, CSV manifests.")
    ],
    output: Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="Output folder.")],
    preset: Annotated[str, PRESET],
    form: Annotated[
        Literal["npy", "tfrecord"],
        typer.Option("--format", help="One array per input, or shards of examples."),
    ] = "npy",
    dtype: Annotated[
        Literal["float32", "float16", "bfloat16"],
        typer.Option(help="Precision of the stored features; bfloat16 for tfrecord only."),
    ] = "float32",
    jobs: Annotated[int | None, WORKERS] = None,
    processes: Annotated[
        bool, typer.Option("--processes", help="Run workers as processes, not as threads.")
    ] = False,
    cluster: Annotated[str | None, CLUSTER] = None,
    partial: Annotated[bool, PARTIAL] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first input that fails.")] = False,
    retry: Annotated[bool, RETRY] = False,
    allow_mixed_versions: Annotated[
        bool,
        typer.Option(
            "--allow-mixed-versions",
            help="Continue a folder that was begun with other versions, instructions or another engine.",
        ),
    ] = False,
    progress: How = "bar",
) -> None:
    """Write the features of many files. Run it again to continue where it was interrupted."""
    from sonogram import extraction

    if dtype == "bfloat16" and form == "npy":
        raise usage("arrays of NumPy have no bfloat16; use float16, or --format tfrecord", "--dtype")
    frontend = find_any_preset(preset)
    settings = extraction.ExtractionSettings(
        form, dtype, strict=strict, partial=partial, retry=retry, allow_mixed_versions=allow_mixed_versions
    )
    run_extraction(
        functools.partial(extraction.extract, inputs, output, frontend, settings),
        executor_of(jobs, processes, cluster),
        output,
        progress,
    )
