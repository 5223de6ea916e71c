"""Progress of a command on many recordings: a bar on a terminal, lines or JSON elsewhere."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import typer

from sonogram.cli.report import echo, warn
from sonogram.text import amount_of_audio

__all__ = ["How", "Step", "report_progress"]

How: TypeAlias = Annotated[
    Literal["bar", "quiet", "json"], typer.Option("--progress", help="How to show the progress.")
]
"""The option `--progress`: write `progress: How = "bar"`."""

_LINE_SECONDS = 60.0
"""Time between two lines where there is no terminal."""


@dataclass(frozen=True)
class Step:
    """Where a command is."""

    total: int
    """Number of recordings."""
    done: int
    """Number of recordings that are done."""
    failed: int
    """Number of recordings that failed."""
    seconds: float
    """Seconds of audio that this run has processed."""
    failures: Sequence[tuple[str, str]] = ()
    """Path and reason of those that failed since the last step."""
    part: float = 0.0
    """Recordings of which a part is done: the sum of the parts."""


@contextmanager
def report_progress(how: str) -> Iterator[Callable[[Step], None]]:
    """Yield what is to be called after each step.

    Args:
        how: "bar" shows a bar on a terminal, and a line every minute elsewhere; "quiet" prints failures only;
            "json" prints a line of JSON for each step.
    """
    if how == "json":
        yield _print_json
    elif how == "bar" and sys.stderr.isatty():
        with _bar() as update:
            yield update
    else:
        yield _Lines(None if how == "quiet" else _LINE_SECONDS)


class _Lines:
    """Failures as they come, and where the command is from time to time."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds, self._start = seconds, time.monotonic()
        self._last = self._start

    def __call__(self, step: Step) -> None:
        for _, reason in step.failures:
            warn(reason)
        now = time.monotonic()
        finished = step.done + step.failed >= step.total
        if self._seconds is not None and now - self._last >= self._seconds and not finished:
            self._last = now
            speed = step.seconds / max(now - self._start, 1e-3)
            text = f"{step.done + step.failed} of {step.total}, {amount_of_audio(step.seconds)}"
            warn(f"{text}, {speed:,.0f} x real time")


def _print_json(step: Step) -> None:
    echo(
        json.dumps(
            {
                "total": step.total,
                "done": step.done,
                "failed": step.failed,
                "audio_seconds": round(step.seconds, 3),
                "failures": [{"path": path, "error": error} for path, error in step.failures],
            },
            ensure_ascii=False,
        )
    )


@contextmanager
def _bar() -> Iterator[Callable[[Step], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress as Bar, TextColumn, TimeRemainingColumn

    columns: Any = (
        BarColumn(),
        TextColumn("{task.fields[finished]}/{task.total:.0f}"),
        TextColumn("{task.fields[audio]}"),
        TextColumn("{task.fields[speed]:,.0f} x real time"),
        TextColumn("{task.fields[failed]} failed"),
        TimeRemainingColumn(),
    )
    start = time.monotonic()
    # Rows on stdout are printed above the bar only if they go to the same terminal.
    with Bar(*columns, console=Console(stderr=True), redirect_stdout=sys.stdout.isatty()) as bar:
        task = bar.add_task("", total=1, finished=0, audio="", speed=0.0, failed=0)

        def update(step: Step) -> None:
            for _, reason in step.failures:
                bar.console.print(f"sonogram: {reason}", markup=False, highlight=False)
            elapsed = max(time.monotonic() - start, 1e-3)
            bar.update(
                task,
                total=step.total,
                completed=step.done + step.failed + step.part,
                finished=step.done + step.failed,
                audio=amount_of_audio(step.seconds),
                speed=step.seconds / elapsed,
                failed=step.failed,
            )

        yield update
