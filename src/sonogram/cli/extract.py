"""The command `extract`: features of many files to disk."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sonogram.cli.options import PARTIAL, PRESET, find_preset
from sonogram.cli.progress import How, Step, report_progress
from sonogram.cli.report import INTERRUPTED, echo, show_warnings, usage, warn
from sonogram.text import amount_of_audio

if TYPE_CHECKING:
    from sonogram.extraction import ExtractionReport, Progress

__all__ = ["executor_of", "extract", "step_of", "summary_of"]


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
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Number of parallel workers.", show_default="one per core"),
    ] = None,
    processes: Annotated[
        bool, typer.Option("--processes", help="Run workers as processes, not as threads.")
    ] = False,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Run on the Dask scheduler at this address: tcp://host:8786."),
    ] = None,
    partial: Annotated[bool, PARTIAL] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first input that fails.")] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try unchanged inputs again that failed before.")
    ] = False,
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
    frontend = find_preset(preset)
    settings = extraction.ExtractionSettings(
        form, dtype, strict=strict, partial=partial, retry=retry, allow_mixed_versions=allow_mixed_versions
    )
    try:
        with executor_of(jobs, processes, cluster) as executor, report_progress(progress) as on_step:
            report = extraction.extract(
                inputs,
                output,
                frontend,
                settings,
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


def step_of(progress: Progress) -> Step:
    """Return the progress of an extraction as that of a command."""
    failures = [(row.path, row.error) for row in progress.failures]
    return Step(progress.total, progress.done, progress.failed, progress.seconds, failures)


def summary_of(report: ExtractionReport) -> str:
    """Return the result of an extraction in one line."""
    text = f"{report.done} done"
    if report.done_before:
        text += f" ({report.done_before} of them before)"
    if report.failed:
        text += f", {len(report.failed)} failed"
    if report.failed_before:
        text += f" ({report.failed_before} of them before; --retry tries them again)"
    return f"{text}, {amount_of_audio(report.seconds)}" if report.seconds else text


@contextmanager
def executor_of(jobs: int | None, processes: bool, cluster: str | None) -> Iterator[Any]:
    """Yield the executor that the options name, or a function that makes it."""
    if cluster is not None:
        if processes or jobs is not None:
            raise usage("the cluster has its own workers; leave --jobs and --processes out", "--cluster")
        from sonogram.extraction import dask_executor

        with dask_executor(cluster) as executor:
            yield executor
        return
    from sonogram.extraction.workers import num_cores

    count = jobs or num_cores()
    if not processes:
        from concurrent.futures import ThreadPoolExecutor

        yield lambda: ThreadPoolExecutor(count)
        return
    import multiprocessing
    from concurrent.futures import Future, ProcessPoolExecutor

    class Processes(ProcessPoolExecutor):
        """Workers that leave Ctrl-C to their parent process, from their first moment on."""

        def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
            with _delay_interrupts():
                return super().submit(*args, **kwargs)

    context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads hold
    yield lambda: Processes(count, mp_context=context, initializer=_begin_worker)


@contextmanager
def _delay_interrupts() -> Iterator[None]:
    """Delay Ctrl-C until the block ends: a half-started process would print a traceback."""
    received: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: received.append(number))
    blocked = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocked else set()
    try:
        yield  # a process that starts here inherits the mask
    finally:
        if blocked:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if received:
            raise KeyboardInterrupt


def _begin_worker() -> None:
    """Leave Ctrl-C to the parent process, and print warnings as it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    show_warnings()
