"""Run an extraction with progress and a summary, for `extract` and `embed`."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import typer

from sonogram.cli.progress import How, Step, report_progress
from sonogram.cli.report import continuable, echo, show_warnings, usage
from sonogram.text import amount_of_audio

if TYPE_CHECKING:
    from sonogram.extraction import ExtractionReport, Progress

__all__ = ["executor_of", "run_extraction"]


def run_extraction(
    extract: Callable[..., ExtractionReport],
    executor: AbstractContextManager[Any],
    output: str,
    progress: How,
) -> None:
    """Run an extraction, report its progress and print its summary.

    Args:
        extract: Takes `executor` and `on_progress`, and returns the report.
        executor: Context of the executor.
        output: Name of the output, for the summary.
        progress: How to report.

    Raises:
        typer.Exit: An input failed, or Ctrl-C.
    """
    with continuable(), executor as workers, report_progress(progress) as on_step:
        report = extract(executor=workers, on_progress=lambda state: on_step(_step_of(state)))
    if progress != "json":
        echo(f"{output}: {_summary_of(report)}")
    if report.failed:
        raise typer.Exit(1)


def _step_of(progress: Progress) -> Step:
    """Return the progress of an extraction as that of a command."""
    failures = [(row.path, row.error) for row in progress.failures]
    return Step(progress.total, progress.done, progress.failed, progress.seconds, failures)


def _summary_of(report: ExtractionReport) -> str:
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
    from sonogram.cores import num_cores

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
