"""The verb `extract`: features of many files to disk."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sonogram.cli.report import INTERRUPTED, say, usage, warn
from sonogram.errors import SonogramError

if TYPE_CHECKING:
    from sonogram.extraction import ExtractionSettings, Progress
    from sonogram.frontend import Frontend

__all__ = ["extract"]

Show = Literal["bar", "quiet", "json"]


def extract(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT", help="Files, folders, globs, CSV manifests.")
    ],
    output: Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="The folder to write into.")],
    preset: Annotated[
        str, typer.Option(metavar="NAME", help="A published front end; `sonogram presets` lists them.")
    ],
    form: Annotated[str, typer.Option("--format", metavar="npy|tfrecord", help="What to write.")] = "npy",
    dtype: Annotated[str, typer.Option(metavar="float32|float16", help="Precision.")] = "float32",
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Workers side by side; one for each core.")
    ] = None,
    processes: Annotated[bool, typer.Option("--processes", help="Workers are processes.")] = False,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first input that fails.")] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try inputs again that failed before, changed or not.")
    ] = False,
    allow_mixed_versions: Annotated[
        bool, typer.Option("--allow-mixed-versions", help="Go on with other versions or instructions.")
    ] = False,
    progress: Annotated[
        str, typer.Option(metavar="bar|quiet|json", help="How to tell what is going on.")
    ] = "bar",
) -> None:
    """Write the features of many files; run it again to go on where it ended."""
    from sonogram import extraction

    frontend, settings = _definition(preset), _settings(form, dtype)
    settings = replace(settings, strict=strict, retry=retry, allow_mixed_versions=allow_mixed_versions)
    if progress not in ("bar", "quiet", "json"):
        raise usage(f"one of bar, quiet, json; got {progress!r}", "--progress")
    try:
        with _executor(jobs, processes, cluster) as executor, _told(progress) as tell:
            report = extraction.extract(
                inputs, output, frontend, settings, executor=executor, on_progress=tell
            )
    except KeyboardInterrupt:
        warn("interrupted; the same command goes on where this one ended")
        raise typer.Exit(INTERRUPTED) from None
    if progress != "json":
        kept = f" ({report.done_before} of them before)" if report.done_before else ""
        before = f" ({report.failed_before} of them before; --retry tries them again)"
        failed = f", {len(report.failed)} failed{before if report.failed_before else ''}"
        failed = failed if report.failed else ""
        say(f"{output}: {report.done} done{kept}{failed}, {report.seconds / 3600:.2f} h of audio")
    if report.failed:
        raise typer.Exit(1)


def _definition(name: str) -> Frontend:
    from sonogram.presets import preset

    try:
        return preset(name)
    except SonogramError as error:
        raise usage(str(error), "--preset") from None


def _settings(form: str, dtype: str) -> ExtractionSettings:
    from sonogram.extraction import ExtractionSettings

    try:
        return ExtractionSettings(form, dtype)  # type: ignore[arg-type]
    except SonogramError as error:
        raise usage(str(error), "--format" if "format" in str(error) else "--dtype") from None


@contextmanager
def _executor(jobs: int | None, processes: bool, cluster: str | None) -> Iterator[Any]:
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
        """Workers that leave Ctrl-C to the process that began them, from their first moment on."""

        def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
            with _interrupts_later():
                return super().submit(*args, **kwargs)

    context = multiprocessing.get_context("spawn")  # a fork would copy threads that hold locks
    yield lambda: Processes(count, mp_context=context, initializer=_ignore_interrupts)


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Keep Ctrl-C until the block ends: a process that is half begun would complain."""
    came: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    blocked = hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocked else set()
    try:
        yield  # a process that begins here inherits what is blocked
    finally:
        if blocked:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, handler)
        if came:
            raise KeyboardInterrupt


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _told(how: str) -> Iterator[Callable[[Progress], None]]:
    """Yield what is called with each step: a bar, lines of JSON, or failures alone."""
    if how == "json":
        yield _json_line
    elif how == "quiet" or not sys.stderr.isatty():
        yield _name_failures
    else:
        with _bar() as tell:
            yield tell


def _name_failures(progress: Progress) -> None:
    for row in progress.failures:
        warn(row.error)


def _json_line(progress: Progress) -> None:
    say(
        json.dumps(
            {
                "total": progress.total,
                "done": progress.done,
                "failed": progress.failed,
                "audio_seconds": round(progress.seconds, 3),
                "failures": [{"path": row.path, "error": row.error} for row in progress.failures],
            },
            ensure_ascii=False,
        )
    )


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress as Bar, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[hours]:.2f} h"),
        TextColumn("{task.fields[speed]:,.0f} x real time"),
        TextColumn("{task.fields[failed]} failed"),
        TimeRemainingColumn(),
    )
    start = time.monotonic()
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None, hours=0.0, speed=0.0, failed=0)

        def tell(progress: Progress) -> None:
            for row in progress.failures:
                bar.console.print(f"sonogram: {row.error}", markup=False, highlight=False)
            elapsed = max(time.monotonic() - start, 1e-3)
            bar.update(
                task,
                total=progress.total,
                completed=progress.done + progress.failed,
                hours=progress.seconds / 3600,
                speed=progress.seconds / elapsed,
                failed=progress.failed,
            )

        yield tell
